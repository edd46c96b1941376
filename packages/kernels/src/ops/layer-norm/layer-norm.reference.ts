/** Layer norm in f64; x is rows of the weight's length. */
export function layerNormReference(
  x: Float32Array,
  weight: Float32Array,
  bias: Float32Array,
  eps: number,
): Float64Array {
  const width = weight.length;
  const y = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += width) {
    const row = Array.from(x.subarray(start, start + width));
    const mean = row.reduce((sum, value) => sum + value, 0) / width;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
    for (const [i, value] of row.entries())
      y[start + i] = ((value - mean) / Math.sqrt(variance + eps)) * weight[i]! + bias[i]!;
  }
  return y;
}
