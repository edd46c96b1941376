/** The judge's pass: the last token that stands, and after it what the draft put at the places that follow. */
export function collectDraftReference(
  last: number,
  draftHistory: readonly number[],
  position: number,
  draftPosition: number,
): number[] {
  return [last, ...draftHistory.slice(position + 1, draftPosition + 1)];
}
