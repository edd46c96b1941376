import { selfAttention } from "./blocks/attention.js";
import { decoder, decoderConfig, preNorm } from "./blocks/decoder.js";
import { gatedMlp } from "./blocks/mlp.js";
import { activation, flag, real, ropeOptions } from "./config.js";
import type { Family } from "./family.js";

/**
 * Granite 3, dense: a Llama with four multipliers, of embeddings, attention scores, what each half of a layer adds, and
 * (as a divisor) logits, so that learning rates carry over between sizes. arXiv:2408.13359.
 */
export const family: Family = (raw) => {
  const config = decoderConfig(raw);
  const bias = flag(raw, "attention_bias", false);
  const attention = {
    rope: ropeOptions(raw),
    bias,
    outputBias: bias,
    scale: real(raw, "attention_multiplier", 1), // in place of 1 / sqrt(head_dim)
  };
  const mlp = { activation: activation(raw), bias: flag(raw, "mlp_bias", false) };
  const norm = { eps: config.rms_norm_eps };
  return decoder(
    config,
    { norm, embeddingScale: real(raw, "embedding_multiplier", 1), logitScale: 1 / real(raw, "logits_scaling", 1) },
    preNorm(
      norm,
      (g, x, w) => selfAttention(g, x, w, config, attention),
      (g, x, w) => gatedMlp(g, x, w, config, mlp),
      real(raw, "residual_multiplier", 1),
    ),
  );
};
