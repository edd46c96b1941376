import { selfAttention } from "./blocks/attention.js";
import { aroundNorm, decoder, decoderConfig } from "./blocks/decoder.js";
import { gatedMlp } from "./blocks/mlp.js";
import { activation, flag, layerWindows, optional, real, ropeOptions } from "./config.js";
import type { Family } from "./family.js";

/**
 * Gemma 2: Gemma with norms on both sides of attention and MLP, soft-capped scores and logits, and a sliding window in
 * every other layer, the first included. arXiv:2408.00118.
 */
export const family: Family = (raw) => {
  const config = decoderConfig(raw, { head_dim: 256, tie_word_embeddings: true, max_position_embeddings: 8192 });
  const window = optional(raw, "sliding_window", 4096);
  const windows = layerWindows(raw, config.num_hidden_layers, window, (layer) => layer % 2 === 0);
  const norm = { eps: config.rms_norm_eps, unitOffset: 1 } as const;
  const bias = flag(raw, "attention_bias", false);
  const attention = {
    rope: ropeOptions(raw),
    bias,
    outputBias: bias,
    scale: 1 / Math.sqrt(real(raw, "query_pre_attn_scalar", 256)),
    softcap: optional(raw, "attn_logit_softcapping", 50),
  };
  const mlp = { activation: activation(raw, "hidden_activation", "gelu_pytorch_tanh") };
  return decoder(
    config,
    {
      norm,
      embeddingScale: Math.sqrt(config.hidden_size),
      logitSoftcap: optional(raw, "final_logit_softcapping", 30),
    },
    aroundNorm(
      norm,
      (g, x, w, layer) => selfAttention(g, x, w, config, { ...attention, window: windows[layer] }),
      (g, x, w) => gatedMlp(g, x, w, config, mlp),
    ),
  );
};
