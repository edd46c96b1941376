/** What `verify` reads where no text is given: prose, talk, figures, code and another language, some four hundred tokens. */
export const VERIFY_TEXT = `The lighthouse keeper wrote one line a day, and never more. On the first of March he noted the wind, on the second a ship that passed too close, on the third that the lamp had been cleaned and the stairs had not. After forty years the book was full, and his daughter carried it to the museum in the harbour, where a young historian asked what it was worth.

"Very little," she said. "Nothing happened here. That was his work."

The historian counted anyway. There were 14,610 entries in all, of which 9,204 were about the weather, 1,377 about ships, and 61 about birds. The lamp had failed twice: once for eleven minutes in 1961, and once for three hours in 1974, when both the main supply and the reserve gave out. Nobody was hurt. Of the rest, most said the same thing in the same words: "All well."

A short program sorted the lines by their first word.

def count_by_first_word(lines):
    counts = {}
    for line in lines:
        word = line.split()[0].lower() if line.strip() else "(empty)"
        counts[word] = counts.get(word, 0) + 1
    return sorted(counts.items(), key=lambda item: -item[1])

It took less than a second. The most frequent word was "wind", followed by "fog" and "all". The least frequent, used only once, was "happy"; it stood alone on the day his daughter was born.

Le conservateur, qui ne lisait pas l'anglais, demanda qu'on lui traduise cette page. On lui expliqua que le phare avait fonctionné, que la mer avait été calme, et que rien d'autre n'avait été jugé digne d'être écrit. Il réfléchit un moment, puis il fit placer le livre dans la première salle, ouvert à cette date, sous une lampe qui ne s'éteint jamais.

Questions for the reader: Why did the keeper write so little? What would have been lost if he had written nothing at all? If a ship passes every nine days, how many ships pass in a year of 365 days?
`;
