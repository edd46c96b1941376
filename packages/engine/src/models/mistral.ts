import { selfAttention } from "./blocks/attention.js";
import { decoder, decoderConfig, preNorm } from "./blocks/decoder.js";
import { gatedMlp } from "./blocks/mlp.js";
import { activation, optional, ropeOptions } from "./config.js";
import type { Family } from "./family.js";

/** Mistral 7B and its kin: a Llama in which, up to version 0.1, a token sees only a window of keys. arXiv:2310.06825. */
export const family: Family = (raw) => {
  const config = decoderConfig(raw, { max_position_embeddings: 131_072 });
  const attention = { rope: ropeOptions(raw), window: optional(raw, "sliding_window", 4096) };
  const mlp = { activation: activation(raw) };
  const norm = { eps: config.rms_norm_eps };
  return decoder(
    config,
    { norm },
    preNorm(
      norm,
      (g, x, w) => selfAttention(g, x, w, config, attention),
      (g, x, w) => gatedMlp(g, x, w, config, mlp),
    ),
  );
};
