import { selfAttention } from "./blocks/attention.js";
import { decoder, decoderConfig, preNorm } from "./blocks/decoder.js";
import { gatedMlp } from "./blocks/mlp.js";
import { activation, flag, layerWindows, optional, real, ropeOptions } from "./config.js";
import type { Family } from "./family.js";

/** Qwen3, the dense ones: each head of queries and keys is normed before it is rotated. arXiv:2505.09388. */
export const family: Family = (raw) => {
  const config = decoderConfig(raw, { head_dim: 128, max_position_embeddings: 32_768 });
  const window = flag(raw, "use_sliding_window", false) ? optional(raw, "sliding_window", 4096) : undefined;
  const firstSliding = real(raw, "max_window_layers", 28);
  const windows = layerWindows(raw, config.num_hidden_layers, window, (layer) => layer >= firstSliding);
  const norm = { eps: config.rms_norm_eps };
  const bias = flag(raw, "attention_bias", false);
  const attention = { rope: ropeOptions(raw), bias, outputBias: bias, headNorm: norm };
  const mlp = { activation: activation(raw) };
  return decoder(
    config,
    { norm },
    preNorm(
      norm,
      (g, x, w, layer) => selfAttention(g, x, w, config, { ...attention, window: windows[layer] }),
      (g, x, w) => gatedMlp(g, x, w, config, mlp),
    ),
  );
};
