/** Bytes `start` to `end` (exclusive) of a file. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What a `Range` header asks of a file of `size` bytes; the whole file without one, `undefined` where it asks for more than one span or none. */
export function spanAsked(header: string | null, size: number): Span | undefined {
  if (header === null) return { start: 0, end: size };
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(header) ?? [];
  if (first === undefined) return undefined;
  const start = Number(first);
  const end = Math.min(size, last ? Number(last) + 1 : size);
  return start < end ? { start, end } : undefined;
}

/** Which of the spans at hand together make the one asked for, in order; `undefined` where bytes are missing. */
export function spansFor(asked: Span, atHand: readonly Span[]): readonly Span[] | undefined {
  const used: Span[] = [];
  for (let at = asked.start; at < asked.end; ) {
    const reach = atHand.filter(({ start, end }) => start <= at && end > at);
    if (reach.length === 0) return undefined;
    // The one that leads farthest: the fewest are read.
    const next = reach.reduce((best, span) => (span.end > best.end ? span : best));
    used.push(next);
    at = next.end;
  }
  return used;
}
