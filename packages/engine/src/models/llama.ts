import { selfAttention } from "./blocks/attention.js";
import { decoder, decoderConfig, preNorm } from "./blocks/decoder.js";
import { gatedMlp } from "./blocks/mlp.js";
import { activation, flag, ropeOptions } from "./config.js";
import type { Family } from "./family.js";

/** Llama 1 to 3, SmolLM and SmolLM2, and the many that share their form. arXiv:2302.13971, arXiv:2407.21783. */
export const family: Family = (raw) => {
  const config = decoderConfig(raw);
  const bias = flag(raw, "attention_bias", false);
  const attention = { rope: ropeOptions(raw), bias, outputBias: bias };
  const mlp = { activation: activation(raw), bias: flag(raw, "mlp_bias", false) };
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
