import type { Quantize } from "./choices.js";

export interface TokenProbability {
  readonly id: number;
  readonly probability: number;
}

export interface ComparedPosition {
  /** KL(teacher || student) of the next token's distribution, in nats. */
  readonly kl: number;
  readonly teacher_top1: number;
  readonly student_top1: number;
  readonly agree: boolean;
  /** The likeliest next tokens, likeliest first. */
  readonly teacher_top5: readonly TokenProbability[];
  readonly student_top5: readonly TokenProbability[];
  /** -log probability of the token that really came next, in nats; the last position has none. */
  readonly teacher_nll?: number;
  readonly student_nll?: number;
}

export interface Comparison {
  readonly ids: readonly number[];
  /** One a token of `ids`: each is judged on its prediction of the token after it. */
  readonly positions: readonly ComparedPosition[];
  readonly mean_kl: number;
  readonly top1_agreement: number;
  /** The first position whose top tokens differ, where there is one. */
  readonly first_divergence?: number;
  /** Exponential of the mean `nll`, over all positions but the last; a single token has none. */
  readonly teacher_perplexity?: number;
  readonly student_perplexity?: number;
}

/** How far a quantised model is from the unquantised one. KL is in nats, of the unquantised distribution from the quantised one. */
export interface Verification {
  readonly model: string;
  readonly reference: string;
  /** What was done to the model's plain weights. */
  readonly quantize: Quantize;
  readonly adapter: string;
  /** Weights on the GPU. */
  readonly bytes: { readonly model: number; readonly reference: number };
  readonly tokens: number;
  readonly mean_kl: number;
  readonly median_kl: number;
  readonly p99_kl: number;
  readonly max_kl: number;
  /** Share of positions whose likeliest token is the same. */
  readonly top1_agreement: number;
  readonly perplexity: number;
  readonly reference_perplexity: number;
}
