/** Rows rounded to bytes in f64: each 32 columns of a row in steps of a 127th of their greatest magnitude. `[T, K]`, as numbers again. */
export function roundRowsReference(x: Float32Array): Float64Array {
  const rounded = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += 32) {
    const group = x.subarray(start, start + 32);
    const scale = group.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127;
    for (const [i, value] of group.entries()) rounded[start + i] = scale === 0 ? 0 : scale * Math.round(value / scale);
  }
  return rounded;
}
