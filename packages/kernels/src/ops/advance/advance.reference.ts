export interface AdvanceState {
  readonly step: readonly [position: number, count: number];
  readonly ids: readonly number[];
  readonly history: readonly number[];
}

/** What `advance` leaves behind. */
export function advanceReference(token: number, { step: [position, count], ids, history }: AdvanceState): AdvanceState {
  const next = position + count;
  return {
    step: [next, 1],
    ids: ids.with(0, token),
    history: next < history.length ? history.with(next, token) : history,
  };
}
