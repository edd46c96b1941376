/** A model that people name, by its public card. Billions of parameters; of a mixture of experts, one token uses `active`. */
export interface NamedModel {
  readonly name: string;
  readonly total: number;
  readonly active: number;
}

const dense = (name: string, total: number): NamedModel => ({ name, total, active: total });

/** From the smallest up. */
export const NAMED_MODELS: readonly NamedModel[] = [
  dense("DistilGPT-2", 0.082),
  dense("BERT base", 0.11),
  dense("GPT-2", 0.124),
  dense("SmolLM2-135M", 0.1345),
  dense("SmolLM2-360M", 0.3618),
  dense("Qwen2.5-0.5B", 0.494),
  dense("Llama 3.2 1B", 1.236),
  dense("SmolLM2-1.7B", 1.711),
  dense("Phi-3-mini", 3.821),
  dense("Gemma 3 4B", 4.3),
  dense("Mistral 7B", 7.248),
  dense("Llama 3.1 8B", 8.03),
  dense("Mistral Small 24B", 23.57),
  { name: "Qwen3-30B-A3B", total: 30.53, active: 3.35 },
  { name: "Mixtral 8x7B", total: 46.7, active: 12.88 },
  dense("Llama 3.3 70B", 70.55),
  { name: "Mixtral 8x22B", total: 140.6, active: 39.15 },
  dense("Llama 3.1 405B", 405.85),
];

/** Those that the published methods of estimating energy were made for. */
export const HOSTED_MODELS = NAMED_MODELS.filter(({ total }) => total >= 4);
