import { selfAttention } from "./blocks/attention.js";
import { aroundNorm, decoder, decoderConfig } from "./blocks/decoder.js";
import { gatedMlp } from "./blocks/mlp.js";
import { activation, flag, layerWindows, optional, type RawConfig, real, ropeOptions } from "./config.js";
import type { Family } from "./family.js";

/**
 * Gemma 3, its text part: Gemma 2 with normed queries and keys in place of soft-caps, and five layers with a sliding
 * window, rotated on a base of their own, to each that sees everything. arXiv:2503.19786.
 */
export const family: Family = (raw) => {
  const config = decoderConfig(raw, { head_dim: 256, tie_word_embeddings: true, max_position_embeddings: 131_072 });
  const pattern = real(raw, "sliding_window_pattern", 6);
  const window = optional(raw, "sliding_window", 4096);
  const windows = layerWindows(raw, config.num_hidden_layers, window, (layer) => (layer + 1) % pattern !== 0);
  const rope = ropeOfBoth(raw);
  const norm = { eps: config.rms_norm_eps, unitOffset: 1 } as const;
  const bias = flag(raw, "attention_bias", false);
  const attention = {
    bias,
    outputBias: bias,
    headNorm: norm,
    scale: 1 / Math.sqrt(real(raw, "query_pre_attn_scalar", 256)),
    softcap: optional(raw, "attn_logit_softcapping"),
  };
  const mlp = { activation: activation(raw, "hidden_activation", "gelu_pytorch_tanh") };
  return decoder(
    config,
    { norm, embeddingScale: Math.sqrt(config.hidden_size), logitSoftcap: optional(raw, "final_logit_softcapping") },
    aroundNorm(
      norm,
      (g, x, w, layer) => {
        const window = windows[layer];
        return selfAttention(g, x, w, config, { ...attention, window, rope: window ? rope.local : rope.global });
      },
      (g, x, w) => gatedMlp(g, x, w, config, mlp),
    ),
  );
};

/** In transformers 5 `rope_parameters` holds one entry for each type of layer; before, the local base is a key of its own. */
function ropeOfBoth(raw: RawConfig) {
  const both = (raw.rope_parameters ?? {}) as Readonly<Record<string, RawConfig | undefined>>;
  if (both.full_attention || both.sliding_attention) {
    return {
      global: ropeOptions({ rope_parameters: both.full_attention }, 1_000_000),
      local: ropeOptions({ rope_parameters: both.sliding_attention }, 10_000),
    };
  }
  return { global: ropeOptions(raw, 1_000_000), local: { theta: real(raw, "rope_local_base_freq", 10_000) } };
}
