/** What the projections of one token give to attention and to the cache, in f64. */
export interface QkvReference {
  /** `[heads, headDim]` */
  readonly q: Float64Array;
  /** `[2, kvHeads, headDim]`: this token's keys, then its values. */
  readonly appended: Float64Array;
}

/**
 * Splits merged projections of one token, `[(heads + 2 kvHeads) headDim]`, and rotates queries and keys by the table's
 * angles at `position`: dimension i turns with dimension i + rotaryDim / 2, and those past rotaryDim stay.
 */
export function qkvReference(
  projected: ArrayLike<number>,
  table: Float32Array,
  {
    position,
    heads,
    kvHeads,
    headDim,
    rotaryDim = headDim,
  }: { position: number; heads: number; kvHeads: number; headDim: number; rotaryDim?: number },
): QkvReference {
  const half = rotaryDim / 2;
  const all = Float64Array.from(projected);
  for (let head = 0; head < heads + kvHeads; head++) {
    for (let i = 0; i < half; i++) {
      const [cos, sin] = table.subarray(2 * (position * half + i));
      const [a, b] = [projected[head * headDim + i]!, projected[head * headDim + i + half]!];
      all[head * headDim + i] = a * cos! - b * sin!;
      all[head * headDim + i + half] = b * cos! + a * sin!;
    }
  }
  return { q: all.slice(0, heads * headDim), appended: all.slice(heads * headDim) };
}
