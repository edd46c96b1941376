/** `y[t][i] = x[t][order[i]]`. */
export function reorderReference(x: Float32Array, order: ArrayLike<number>): Float32Array {
  return x.map((_, i) => x[i - (i % order.length) + order[i % order.length]!]!);
}
