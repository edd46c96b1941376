import { selfAttention } from "./blocks/attention.js";
import { decoder, decoderConfig, preNorm } from "./blocks/decoder.js";
import { gatedMlp } from "./blocks/mlp.js";
import { mixtureOfExperts, moeConfig, sparseLayers } from "./blocks/moe.js";
import { activation, flag, optional, ropeOptions } from "./config.js";
import type { Family } from "./family.js";

/** Qwen3-MoE: a Qwen3 whose layers choose among many small experts, none of them shared. arXiv:2505.09388. */
export const family: Family = (raw) => {
  const config = decoderConfig(raw, { max_position_embeddings: 32_768 });
  const experts = moeConfig(raw, {
    num_experts: 128,
    num_experts_per_tok: 8,
    moe_intermediate_size: 768,
    norm_topk_prob: false,
  });
  const sparse = sparseLayers(raw, config.num_hidden_layers);
  const norm = { eps: config.rms_norm_eps };
  const bias = flag(raw, "attention_bias", false);
  const window = flag(raw, "use_sliding_window", false) ? optional(raw, "sliding_window", 4096) : undefined;
  const attention = { rope: ropeOptions(raw), bias, outputBias: bias, headNorm: norm, window };
  const mlp = { activation: activation(raw) };
  return decoder(
    config,
    { norm },
    preNorm(
      norm,
      (g, x, w) => selfAttention(g, x, w, config, attention),
      (g, x, w, layer) => (sparse[layer] ? mixtureOfExperts(g, x, w, experts, mlp) : gatedMlp(g, x, w, config, mlp)),
    ),
  );
};
