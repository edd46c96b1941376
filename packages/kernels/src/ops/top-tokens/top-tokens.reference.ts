import { logSoftmax } from "../compare-logits/compare-logits.reference.js";

/** The `kept` likeliest tokens of one row with their log-probabilities, in f64; of equal ones the first comes first. */
export function topTokensReference(logits: Float32Array, kept: number): { token: number; logProbability: number }[] {
  const logs = logSoftmax(logits);
  return [...logs.keys()]
    .sort((a, b) => logs[b]! - logs[a]! || a - b)
    .slice(0, kept)
    .map((token) => ({ token, logProbability: logs[token]! }));
}
