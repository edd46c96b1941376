import { ConfigError } from "../../errors.js";
import type { Activation, Graph, Node, Weights } from "../../graph/graph.js";
import { count, flag, type RawConfig } from "../config.js";

/** The keys of config.json that shape a mixture of experts, by Hugging Face's names. */
export interface MoeConfig {
  readonly num_experts: number;
  readonly num_experts_per_tok: number;
  /** Width of an expert. */
  readonly moe_intermediate_size: number;
  /** Whether the weights of the chosen experts add up to one. */
  readonly norm_topk_prob: boolean;
}

/** @param defaults - What the family's class in transformers takes for a key that is left out. */
export function moeConfig(raw: RawConfig, defaults: MoeConfig): MoeConfig {
  // Configs say num_experts or num_local_experts, whatever the family's class calls it.
  const num_experts = count(raw, "num_experts", count(raw, "num_local_experts", defaults.num_experts));
  const num_experts_per_tok = count(raw, "num_experts_per_tok", defaults.num_experts_per_tok);
  if (num_experts_per_tok > num_experts)
    throw new ConfigError(
      `config.json: num_experts_per_tok is ${num_experts_per_tok}, of ${num_experts} experts; expected no more than there are. Check that the folder holds the model's own config.json.`,
    );
  return {
    num_experts,
    num_experts_per_tok,
    moe_intermediate_size: count(raw, "moe_intermediate_size", defaults.moe_intermediate_size),
    norm_topk_prob: flag(raw, "norm_topk_prob", defaults.norm_topk_prob),
  };
}

/** Which layers are mixtures: every `decoder_sparse_step`-th, but those in `mlp_only_layers`. */
export function sparseLayers(raw: RawConfig, layers: number): readonly boolean[] {
  const step = count(raw, "decoder_sparse_step", 1);
  const dense = raw.mlp_only_layers ?? [];
  if (!Array.isArray(dense) || !dense.every((layer) => Number.isSafeInteger(layer)))
    throw new ConfigError(
      `config.json: mlp_only_layers is ${JSON.stringify(dense)}; expected a list of layers' numbers. Check that the folder holds the model's own config.json.`,
    );
  return Array.from({ length: layers }, (_, layer) => (layer + 1) % step === 0 && !dense.includes(layer));
}

/**
 * Sends each token to a few experts, each a gated MLP, and adds up what they say by the router's weights.
 * arXiv:1701.06538; with a softmax before the choice, arXiv:2101.03961.
 */
export function mixtureOfExperts(
  g: Graph,
  x: Node,
  w: Weights,
  { num_experts: count, num_experts_per_tok, moe_intermediate_size: width, norm_topk_prob }: MoeConfig,
  { activation }: { readonly activation: Activation },
): Node {
  const logits = g.linear(x, w.at("gate"), count, { router: true });
  const chosen = g.route(logits, num_experts_per_tok, { normalise: norm_topk_prob });
  return g.experts(x, chosen, w.at("experts"), { count, width, activation });
}
