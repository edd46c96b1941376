import type { Graph, Node, Weights } from "../graph/graph.js";
import { selfAttention } from "./blocks/attention.js";
import { decoder, decoderConfig, preNorm } from "./blocks/decoder.js";
import { gatedMlp } from "./blocks/mlp.js";
import { mixtureOfExperts, moeConfig, sparseLayers } from "./blocks/moe.js";
import { activation, count, flag, layerWindows, optional, real, ropeOptions } from "./config.js";
import type { Family } from "./family.js";

/**
 * Qwen1.5-MoE and Qwen2-MoE: a Qwen2 with many small experts, and one more that every token takes, as much of it as a
 * gate of its own says. arXiv:2407.10671, section 2.2.2.
 */
export const family: Family = (raw) => {
  const config = decoderConfig(raw, { max_position_embeddings: 32_768 });
  const experts = moeConfig(raw, {
    num_experts: 60,
    num_experts_per_tok: 4,
    moe_intermediate_size: 1408,
    norm_topk_prob: false,
  });
  const shared = { ...config, intermediate_size: count(raw, "shared_expert_intermediate_size", 5632) };
  const sparse = sparseLayers(raw, config.num_hidden_layers);
  const window = flag(raw, "use_sliding_window", false) ? optional(raw, "sliding_window", 4096) : undefined;
  const windowed = real(raw, "max_window_layers", 28);
  const windows = layerWindows(raw, config.num_hidden_layers, window, (layer) => layer % 2 === 0 && layer < windowed);
  const attention = { rope: ropeOptions(raw), bias: flag(raw, "qkv_bias", true) };
  const mlp = { activation: activation(raw) };
  const norm = { eps: config.rms_norm_eps };

  function mixture(g: Graph, x: Node, w: Weights): Node {
    const common = gatedMlp(g, x, w.at("shared_expert"), shared, mlp);
    const gate = g.linear(x, w.at("shared_expert_gate"), 1, { router: true });
    return g.add(mixtureOfExperts(g, x, w, experts, mlp), g.sigmoidGate(common, gate));
  }

  return decoder(
    config,
    { norm },
    preNorm(
      norm,
      (g, x, w, layer) => selfAttention(g, x, w, config, { ...attention, window: windows[layer] }),
      (g, x, w, layer) => (sparse[layer] ? mixture(g, x, w) : gatedMlp(g, x, w, config, mlp)),
    ),
  );
};
