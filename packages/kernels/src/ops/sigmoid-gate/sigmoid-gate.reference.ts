/** `y = residual + sigmoid(gate) · x` in f64, a gate for each row of `width` values. */
export function sigmoidGateReference(
  x: Float32Array,
  gate: Float32Array,
  width: number,
  residual?: Float32Array,
): Float64Array {
  return Float64Array.from(x, (value, i) => {
    const open = 1 / (1 + Math.exp(-gate[Math.floor(i / width)]!));
    return (residual?.[i] ?? 0) + open * value;
  });
}
