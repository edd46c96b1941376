/** How a text's vector is made of its tokens': their mean, or the first one's, where encoders put `[CLS]`. */
export type Pooling = "mean" | "cls";

/** How an encoder makes its embeddings unless told otherwise. */
export interface EmbeddingInfo {
  readonly dimensions: number;
  readonly pooling: Pooling;
  /** Whether vectors have length 1. */
  readonly normalize: boolean;
  /** Tokens of a text; what is longer is cut. */
  readonly maxTokens: number;
}

export interface EmbedOptions {
  /** Default: what the checkpoint's own files say, and the mean where they say nothing. */
  readonly pooling?: Pooling;
  /** Default: what the checkpoint's own files say, and false where they say nothing. */
  readonly normalize?: boolean;
  /** Give the last hidden state of every token too. */
  readonly hidden?: boolean;
  readonly signal?: AbortSignal;
}

/** One entry a text, in the order of the texts. */
export interface EmbedResult {
  /** The tokens that were read, `[CLS]` and `[SEP]` included. */
  readonly ids: readonly (readonly number[])[];
  /** `[texts][dimensions]`, f32. */
  readonly embeddings: readonly Float32Array[];
  /** `[texts][T][dimensions]`, with `hidden`. */
  readonly lastHiddenState?: readonly (readonly Float32Array[])[];
}
