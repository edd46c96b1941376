import { selfAttention } from "./blocks/attention.js";
import { decoder, decoderConfig, preNorm } from "./blocks/decoder.js";
import { gatedMlp } from "./blocks/mlp.js";
import { activation, flag, ropeOptions } from "./config.js";
import type { Family } from "./family.js";

/**
 * Gemma 1: norms whose weights are differences from one, embeddings times the square root of their width, GELU gates,
 * and a head that is always the embedding unless said otherwise. arXiv:2403.08295.
 */
export const family: Family = (raw) => {
  const config = decoderConfig(raw, { head_dim: 256, tie_word_embeddings: true, max_position_embeddings: 8192 });
  const norm = { eps: config.rms_norm_eps, unitOffset: 1 } as const;
  const bias = flag(raw, "attention_bias", false);
  const attention = { rope: ropeOptions(raw), bias, outputBias: bias };
  const mlp = { activation: activation(raw, "hidden_activation", "gelu_pytorch_tanh") };
  return decoder(
    config,
    { norm, embeddingScale: Math.sqrt(config.hidden_size) },
    preNorm(
      norm,
      (g, x, w) => selfAttention(g, x, w, config, attention),
      (g, x, w) => gatedMlp(g, x, w, config, mlp),
    ),
  );
};
