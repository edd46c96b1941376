/** A model that people name, by its public card and configuration. Billions of parameters. */
export interface NamedModel {
  readonly name: string;
  readonly total: number;
  /** Of a mixture of experts, one token uses this much of it. */
  readonly active: number;
  /** Of the total, what lies in the vocabulary's matrices, which keep 8 bits where the rest has 4. */
  readonly vocabulary: number;
  /** Numbers that are kept for each token of a conversation: keys and values of all layers. */
  readonly kept: number;
  /** The largest matrix that cannot be cut: one expert's. */
  readonly expert?: number;
  /** Whether it is of a family that is read here. */
  readonly read: boolean;
}

/** Layers, and the width of their keys: heads for keys and values times what each of them has. */
type Keys = readonly [layers: number, width: number];

function dense(name: string, total: number, vocabulary: number, [layers, width]: Keys, read = true): NamedModel {
  return { name, total, active: total, vocabulary, kept: 2 * layers * width, read };
}

/** From the smallest up. */
export const NAMED_MODELS: readonly NamedModel[] = [
  dense("DistilGPT-2", 0.082, 0.0386, [6, 768], false),
  // It writes nothing, so it keeps nothing.
  dense("BERT base", 0.11, 0.0234, [0, 0]),
  dense("GPT-2", 0.124, 0.0386, [12, 768], false),
  dense("SmolLM2-135M", 0.1345, 0.0283, [30, 192]),
  dense("SmolLM2-360M", 0.3618, 0.0472, [32, 320]),
  dense("Qwen2.5-0.5B", 0.494, 0.1361, [24, 128]),
  dense("Llama 3.2 1B", 1.236, 0.2627, [16, 512]),
  dense("SmolLM2-1.7B", 1.711, 0.1007, [24, 2048]),
  dense("Phi-3-mini", 3.821, 0.197, [32, 3072]),
  dense("Gemma 3 4B", 4.3, 0.6713, [34, 1024]),
  dense("Mistral 7B", 7.248, 0.2684, [32, 1024]),
  dense("Llama 3.1 8B", 8.03, 1.0507, [32, 1024]),
  dense("Mistral Small 24B", 23.57, 1.3422, [40, 1024]),
  { ...dense("Qwen3-30B-A3B", 30.53, 0.6223, [48, 512]), active: 3.35, expert: 2048 * 768 },
  { ...dense("Mixtral 8x7B", 46.7, 0.2621, [32, 1024]), active: 12.88, expert: 4096 * 14_336 },
  dense("Llama 3.3 70B", 70.55, 2.1013, [80, 1024]),
  { ...dense("Mixtral 8x22B", 140.6, 0.4027, [56, 1024]), active: 39.15, expert: 6144 * 16_384 },
  dense("Llama 3.1 405B", 405.85, 4.2027, [126, 1024]),
];

/** Those that the published methods of estimating energy were made for. */
export const HOSTED_MODELS = NAMED_MODELS.filter(({ total }) => total >= 4);
