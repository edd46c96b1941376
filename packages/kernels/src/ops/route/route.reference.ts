/** An expert that a token was sent to, and its share in the token's result. */
export interface ChoiceReference {
  readonly expert: number;
  readonly weight: number;
}

/** Softmax over each row of `experts` logits and its top k, the likeliest first and of equal ones the lower index, in f64. */
export function routeReference(
  logits: Float32Array,
  { experts, topK, normalise }: { experts: number; topK: number; normalise: boolean },
): ChoiceReference[][] {
  return Array.from({ length: logits.length / experts }, (_, token) => {
    const row = [...logits.subarray(token * experts, (token + 1) * experts)];
    const greatest = Math.max(...row);
    const all = row.map((logit, expert) => ({ expert, weight: Math.exp(logit - greatest) }));
    const chosen = all.toSorted((a, b) => b.weight - a.weight || a.expert - b.expert).slice(0, topK);
    const total = (normalise ? chosen : all).reduce((sum, { weight }) => sum + weight, 0);
    return chosen.map(({ expert, weight }) => ({ expert, weight: weight / total }));
  });
}
