/** One of the two caches, `[kvHeads, capacity, headDim]`, after the rows `[T, kvHeads, headDim]` of a pass were appended. */
export function kvAppendReference(
  rows: Float32Array,
  cache: Float32Array,
  {
    position,
    count,
    kvHeads,
    capacity,
    headDim,
  }: {
    position: number;
    count: number;
    kvHeads: number;
    capacity: number;
    headDim: number;
  },
): Float32Array {
  const after = cache.slice();
  for (let row = 0; row < count && position + row < capacity; row++) {
    for (let head = 0; head < kvHeads; head++) {
      const from = (row * kvHeads + head) * headDim;
      after.set(rows.subarray(from, from + headDim), (head * capacity + position + row) * headDim);
    }
  }
  return after;
}
