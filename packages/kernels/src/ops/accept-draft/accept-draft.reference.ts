/** What `outcome` holds: proposals, how many stand, the first that does not, and the round's tokens. */
export function acceptDraftReference(drawn: readonly number[], proposals: readonly number[]): number[] {
  const wrong = proposals.findIndex((proposal, index) => proposal !== drawn[index]);
  const stand = wrong < 0 ? proposals.length : wrong;
  return [proposals.length, stand, proposals[stand] ?? 0xffffffff, ...drawn.slice(0, stand + 1)];
}
