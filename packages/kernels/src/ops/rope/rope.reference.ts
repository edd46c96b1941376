/**
 * Rotary embedding in f64, written as Hugging Face does: `x · cos + rotate_half(x) · sin`, where
 * `rotate_half([a, b]) = [-b, a]`. x is `[rows, heads, headDim]`, table `[positions, rotaryDim / 2, 2]`.
 */
export function ropeReference(
  x: Float32Array,
  table: Float32Array,
  {
    position,
    heads,
    headDim,
    rotaryDim,
  }: {
    position: number;
    heads: number;
    headDim: number;
    rotaryDim: number;
  },
): Float64Array {
  const y = Float64Array.from(x);
  const half = rotaryDim / 2;
  for (let start = 0; start < x.length; start += headDim) {
    const row = Math.floor(start / (heads * headDim));
    for (let i = 0; i < rotaryDim; i++) {
      const rotated = i < half ? -x[start + i + half]! : x[start + i - half]!;
      const entry = 2 * ((position + row) * half + (i % half));
      y[start + i] = x[start + i]! * table[entry]! + rotated * table[entry + 1]!;
    }
  }
  return y;
}
