import type { SampleSettings } from "./settings.js";

export interface SampleReference {
  readonly token: number;
  /** Log-probability plus noise; minus infinity where a token was filtered out. */
  readonly scores: Float64Array;
}

/** Draws a token the plain way: sort, filter, add noise, take the greatest. In f64; `place` is position + count. */
export function sampleReference(logits: Float32Array, settings: SampleSettings, place: number): SampleReference {
  const { temperature = 0, topK = 0, topP = 1, minP = 0, seed = 0 } = settings;
  const scores = Float64Array.from(logits, (logit) => (temperature === 0 ? logit : logit / temperature));
  if (temperature > 0) {
    if (topK > 0 && topK < logits.length) keepTopK(scores, topK);
    if (topP < 1) keepTopP(scores, topP);
    if (minP > 0) keepMinP(scores, minP);
    for (let i = 0; i < scores.length; i++) scores[i]! += gumbel(pcg3d(i, place, seed)[2]);
  }
  let token = 0;
  for (let i = 1; i < scores.length; i++) if (scores[i]! > scores[token]!) token = i;
  return { token, scores };
}

function keepTopK(scores: Float64Array, k: number): void {
  const last = Float64Array.from(scores).sort().at(-k)!;
  keepFrom(scores, last);
}

function keepTopP(scores: Float64Array, p: number): void {
  const descending = Float64Array.from(scores).sort().reverse();
  const weights = descending.map((score) => Math.exp(score - descending[0]!));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let before = 0;
  let last = 0; // the last to be kept, whose predecessors do not yet reach p
  for (let i = 0; i < weights.length && (i === 0 || before < p * total); i++) {
    last = i;
    before += weights[i]!;
  }
  keepFrom(scores, descending[last]!);
}

function keepMinP(scores: Float64Array, p: number): void {
  keepFrom(scores, Math.max(...chunkMaxima(scores)) + Math.log(p));
}

function keepFrom(scores: Float64Array, lowest: number): void {
  for (let i = 0; i < scores.length; i++) if (scores[i]! < lowest) scores[i] = -Infinity;
}

function chunkMaxima(values: Float64Array): number[] {
  const maxima: number[] = []; // Math.max takes only so many arguments
  for (let i = 0; i < values.length; i += 1024) maxima.push(Math.max(...values.subarray(i, i + 1024)));
  return maxima;
}

/** Jarzynski and Olano, "Hash Functions for GPU Rendering", JCGT 9(3), 2020. */
function pcg3d(...words: [number, number, number]): [number, number, number] {
  let [x, y, z] = words.map((word) => (Math.imul(word, 1664525) + 1013904223) >>> 0) as [number, number, number];
  x = (x + Math.imul(y, z)) >>> 0;
  y = (y + Math.imul(z, x)) >>> 0;
  z = (z + Math.imul(x, y)) >>> 0;
  x ^= x >>> 16;
  y ^= y >>> 16;
  z ^= z >>> 16;
  x = (x + Math.imul(y, z)) >>> 0;
  y = (y + Math.imul(z, x)) >>> 0;
  z = (z + Math.imul(x, y)) >>> 0;
  return [x, y, z];
}

function gumbel(bits: number): number {
  return -Math.log(-Math.log1p(-(bits + 0.5) / 2 ** 32));
}
