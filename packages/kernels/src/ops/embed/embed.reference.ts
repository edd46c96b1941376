/** `y[t] = scale · W[ids[t]]` in f64, zeros for an id that W has no row for. Weights are `[N, K]`. */
export function embedReference(weights: Float64Array, ids: Uint32Array, k: number, scale = 1): Float64Array {
  const y = new Float64Array(ids.length * k);
  for (const [t, id] of ids.entries()) {
    for (let i = 0; i < k; i++) y[t * k + i] = scale * (weights[id * k + i] ?? 0);
  }
  return y;
}
