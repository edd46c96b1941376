/** `y = cap · tanh(x / cap)` in f64. */
export function softcapReference(x: Float32Array, cap: number): Float64Array {
  return Float64Array.from(x, (value) => cap * Math.tanh(value / cap));
}
