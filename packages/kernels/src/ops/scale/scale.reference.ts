/** `y = factor · x` in f64. */
export function scaleReference(x: Float32Array, factor: number): Float64Array {
  return Float64Array.from(x, (value) => factor * value);
}
