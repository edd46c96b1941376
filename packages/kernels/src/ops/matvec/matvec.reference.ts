/** `y = W x + residual + bias` in f64. Weights are `[N, K]`. */
export function matvecReference(
  weights: Float64Array,
  x: Float32Array,
  { residual, bias }: { residual?: Float32Array; bias?: Float32Array } = {},
): Float64Array {
  const k = x.length;
  return Float64Array.from({ length: weights.length / k }, (_, n) => {
    let sum = (residual?.[n] ?? 0) + (bias?.[n] ?? 0);
    for (let i = 0; i < k; i++) sum += weights[n * k + i]! * x[i]!;
    return sum;
  });
}
