import { Model, type ModelSource, type Quantize } from "@alambic/engine";
import { inspectSynthetic, syntheticModel } from "@alambic/engine/graph";
import type { Candidate, Reference } from "./candidate.js";

/** A checkpoint from anywhere the engine reads from. */
export function checkpoint(
  name: string,
  source: ModelSource,
  { quantize = "none", reference }: { readonly quantize?: Quantize; readonly reference?: Reference } = {},
): Candidate {
  return {
    name,
    kind: "checkpoint",
    quantize,
    ...(reference && { reference }),
    inspect: () => Model.inspect(source),
    load: (options) => Model.load(source, { ...options, quantize }),
  };
}

/** Random weights in a config's shape. */
export function synthetic(name: string, config: SyntheticConfig, quantize: Quantize = "int4"): Candidate {
  const raw = { ...config };
  return {
    name,
    kind: "synthetic",
    quantize,
    inspect: () => inspectSynthetic(raw),
    load: (options) => syntheticModel(raw, { ...options, quantize }),
  };
}

type SyntheticConfig = Parameters<typeof inspectSynthetic>[0];

function shape(
  vocab_size: number,
  hidden_size: number,
  intermediate_size: number,
  num_hidden_layers: number,
  [num_attention_heads, num_key_value_heads]: readonly [heads: number, kvHeads: number],
) {
  // Tied, as all of these are; with a context that leaves room for --depth, whatever the original was made for.
  const rest = { model_type: "llama", tie_word_embeddings: true, max_position_embeddings: 32_768 };
  return {
    ...rest,
    vocab_size,
    hidden_size,
    intermediate_size,
    num_hidden_layers,
    num_attention_heads,
    num_key_value_heads,
  };
}

/** Qwen3-30B-A3B at half its width, a quarter of its depth and half its experts: routing as there, in a gigabyte. */
const MIXTURE: SyntheticConfig = {
  ...shape(49_152, 1024, 3072, 12, [16, 2]),
  model_type: "qwen3_moe",
  head_dim: 128,
  num_experts: 64,
  num_experts_per_tok: 8,
  moe_intermediate_size: 384,
  norm_topk_prob: true,
};

/** The shapes of named models, by parameters. Those of other dense families are measured as a Llama of the same sizes. */
export const SYNTHETIC_SHAPES: readonly {
  readonly name: string;
  readonly like: string;
  readonly config: SyntheticConfig;
}[] = [
  { name: "synthetic-15m", like: "stories15M", config: shape(32_000, 288, 768, 6, [6, 6]) },
  { name: "synthetic-30m", like: "between stories15M and stories42M", config: shape(32_000, 384, 1024, 10, [6, 6]) },
  { name: "synthetic-81m", like: "the embedded student", config: shape(49_152, 576, 1536, 15, [9, 3]) },
  { name: "synthetic-135m", like: "SmolLM2-135M", config: shape(49_152, 576, 1536, 30, [9, 3]) },
  { name: "synthetic-360m", like: "SmolLM2-360M", config: shape(49_152, 960, 2560, 32, [15, 5]) },
  { name: "synthetic-494m", like: "Qwen2.5-0.5B", config: shape(151_936, 896, 4864, 24, [14, 2]) },
  { name: "synthetic-moe-1b", like: "a small Qwen3-30B-A3B: 64 experts, 8 a token", config: MIXTURE },
  { name: "synthetic-1.2b", like: "Llama-3.2-1B", config: shape(128_256, 2048, 8192, 16, [32, 8]) },
  { name: "synthetic-1.7b", like: "SmolLM2-1.7B", config: shape(49_152, 2048, 8192, 24, [32, 32]) },
];

/** "What is the capital of France?" as a chat without a system message. */
const CAPITAL_OF_FRANCE = [1, 4093, 198, 1780, 314, 260, 3575, 282, 4649, 47, 2, 198, 1, 520, 9531, 198];

/**
 * How transformers answers it in f32 on exactly these weights. At each of these steps the best logit is ahead of the next
 * by more than 1.5, so that no sound engine can differ, whatever it rounds to.
 */
export const REFERENCES: Readonly<Record<string, Reference>> = {
  "smollm2-135m-instruct": { prompt: CAPITAL_OF_FRANCE, ids: [504, 3575, 282, 4649, 314, 7042, 30] },
  "smollm2-81m-student": { prompt: CAPITAL_OF_FRANCE, ids: [504, 3575, 282, 4649, 314, 7042] },
};
