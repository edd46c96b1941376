export interface AttentionReferenceInputs {
  /** `[rows, heads, headDim]`: row r stands at position + r. */
  readonly q: Float32Array;
  /** `[kvHeads, capacity, headDim]`. */
  readonly keys: Float32Array;
  /** `[kvHeads, capacity, headDim]`. */
  readonly values: Float32Array;
  readonly rows: number;
  readonly position: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly capacity: number;
  readonly headDim: number;
  readonly scale: number;
  readonly window?: number | undefined;
  readonly softcap?: number | undefined;
  readonly causal?: boolean;
}

/** Attention in f64, every score of a query at once: softmax over the keys it sees, then the mean of their values. */
export function attentionReference(inputs: AttentionReferenceInputs): Float64Array {
  const { q, keys, values, rows, position, heads, kvHeads, capacity, headDim, scale, causal = true } = inputs;
  const { window = Number.POSITIVE_INFINITY, softcap } = inputs;
  const y = new Float64Array(rows * heads * headDim);
  for (let row = 0; row < rows; row++) {
    for (let head = 0; head < heads; head++) {
      const at = (row * heads + head) * headDim;
      const kvHead = Math.floor(head / (heads / kvHeads));
      const own = position + row;
      const seen: number[] = [];
      for (let key = 0; key < position + rows; key++) {
        if (!causal || (key <= own && key > own - window)) seen.push((kvHead * capacity + key) * headDim);
      }
      const scores = seen.map((start) => {
        let product = 0;
        for (let d = 0; d < headDim; d++) product += q[at + d]! * keys[start + d]!;
        const score = product * scale;
        return softcap === undefined ? score : softcap * Math.tanh(score / softcap);
      });
      const greatest = Math.max(...scores);
      const weights = scores.map((score) => Math.exp(score - greatest));
      const sum = weights.reduce((total, weight) => total + weight, 0);
      for (const [index, start] of seen.entries()) {
        for (let d = 0; d < headDim; d++) y[at + d]! += (weights[index]! / sum) * values[start + d]!;
      }
    }
  }
  return y;
}
