/** `Y = X Wᵀ + residual + bias` in f64. Weights are `[N, K]`, x `[T, K]`, residual and the result `[T, N]`. */
export function matmulReference(
  weights: Float64Array,
  x: Float32Array,
  { k, residual, bias }: { k: number; residual?: Float32Array; bias?: Float32Array },
): Float64Array {
  const n = weights.length / k;
  const y = new Float64Array((x.length / k) * n);
  for (let at = 0; at < y.length; at++) {
    const token = Math.floor(at / n);
    const row = at % n;
    let sum = (residual?.[at] ?? 0) + (bias?.[row] ?? 0);
    for (let i = 0; i < k; i++) sum += weights[row * k + i]! * x[token * k + i]!;
    y[at] = sum;
  }
  return y;
}
