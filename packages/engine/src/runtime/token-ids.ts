/**
 * Refuses ids that are no tokens of the vocabulary: on the GPU they would read zeros, and the answer look like one.
 *
 * @throws RangeError naming the first wrong id.
 */
export function assertTokenIds(ids: readonly number[], vocabulary: number): void {
  const wrong = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabulary);
  if (wrong !== undefined) throw new RangeError(`Token id ${wrong} is outside the vocabulary, 0 to ${vocabulary - 1}.`);
}

/** The same for a text whose every position is asked for, which must have one. */
export function assertText(ids: readonly number[], vocabulary: number): void {
  if (ids.length === 0) throw new RangeError("The text is empty: it needs at least one token.");
  assertTokenIds(ids, vocabulary);
}

/** How many tokens two texts have in common at their front. */
export function commonLength(a: readonly number[], b: readonly number[]): number {
  const length = Math.min(a.length, b.length);
  let common = 0;
  while (common < length && a[common] === b[common]) common++;
  return common;
}
