/** `y = a + scale · b` in f64. */
export function addReference(a: Float32Array, b: Float32Array, scale = 1): Float64Array {
  return Float64Array.from(a, (value, i) => value + scale * b[i]!);
}
