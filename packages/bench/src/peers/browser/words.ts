/** A byte-level vocabulary: its tokens write a space as `Ġ` and a line's end as `Ċ`. */
type Vocabulary = Readonly<Record<string, number>>;

/**
 * The tokens that are a space and a common word: a text of them is cut back into exactly these tokens, for no cut of the
 * tokenizer ever crosses a space.
 */
export function wordsOf(vocabulary: Vocabulary): string[] {
  return Object.keys(vocabulary)
    .filter((token) => /^Ġ[a-z]{3,}$/.test(token))
    .map((token) => ` ${token.slice(1)}`);
}

/** A text of as many tokens as there are ids, cut into them. */
export function wordsFor(ids: readonly number[], words: readonly string[]): string[] {
  return ids.map((id) => words[id % words.length]!);
}

/** What each id stands for, where that is ASCII. */
export function plainTexts(ids: readonly number[], vocabulary: Vocabulary): string[] {
  const tokens = new Map(Object.entries(vocabulary).map(([token, id]) => [id, token]));
  return ids.map((id) => (tokens.get(id) ?? "").replaceAll("Ġ", " ").replaceAll("Ċ", "\n"));
}
