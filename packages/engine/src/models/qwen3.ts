import { selfAttention } from "./blocks/attention.js";
import { decoder, decoderConfig, preNorm } from "./blocks/decoder.js";
import { gatedMlp } from "./blocks/mlp.js";
import { activation, flag, ropeOptions } from "./config.js";
import type { Family } from "./family.js";
import { qwenWindows } from "./qwen2.js";

/** Qwen3, the dense ones: each head of queries and keys is normed before it is rotated. arXiv:2505.09388. */
export const family: Family = (raw) => {
  const config = decoderConfig(raw, { head_dim: 128, max_position_embeddings: 32_768 });
  const windows = qwenWindows(raw, config.num_hidden_layers);
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
