import { ConfigError } from "../errors.js";
import { selfAttention } from "./blocks/attention.js";
import { decoder, decoderConfig, preNorm } from "./blocks/decoder.js";
import { gatedMlp } from "./blocks/mlp.js";
import { activation, count, flag, layerWindows, optional, type RawConfig, ropeOptions } from "./config.js";
import type { Family } from "./family.js";

/**
 * SmolLM3: a Llama in which one layer in four does not rotate queries and keys, so that they meet whatever their
 * distance. The technique is NoPE's, arXiv:2305.19466, in some layers as in arXiv:2501.18795.
 */
export const family: Family = (raw) => {
  const config = decoderConfig(raw, { tie_word_embeddings: true, max_position_embeddings: 32_768 });
  const rope = ropeOptions(raw, 2_000_000);
  const rotates = rotatingLayers(raw, config.num_hidden_layers);
  const window = flag(raw, "use_sliding_window", false) ? optional(raw, "sliding_window") : undefined;
  const windows = layerWindows(raw, config.num_hidden_layers, window, (layer) => !rotates[layer]);
  const bias = flag(raw, "attention_bias", false);
  const mlp = { activation: activation(raw), bias: flag(raw, "mlp_bias", false) };
  const norm = { eps: config.rms_norm_eps };
  return decoder(
    config,
    { norm },
    preNorm(
      norm,
      (g, x, w, layer) => {
        const turned = rotates[layer] ? rope : undefined;
        return selfAttention(g, x, w, config, { rope: turned, bias, outputBias: bias, window: windows[layer] });
      },
      (g, x, w) => gatedMlp(g, x, w, config, mlp),
    ),
  );
};

/** `no_rope_layers` holds a 1 for each layer that rotates; without it, each `no_rope_layer_interval`-th does not. */
function rotatingLayers(raw: RawConfig, layers: number): readonly boolean[] {
  const listed = raw.no_rope_layers ?? undefined;
  if (listed === undefined) {
    const interval = count(raw, "no_rope_layer_interval", 4);
    return Array.from({ length: layers }, (_, layer) => (layer + 1) % interval !== 0);
  }
  if (!Array.isArray(listed) || listed.length < layers || !listed.every((entry) => entry === 0 || entry === 1))
    throw new ConfigError(
      `config.json: no_rope_layers is ${JSON.stringify(listed)}; expected ${layers} numbers, 1 for a layer that rotates and 0 for one that does not. Check that the folder holds the model's own config.json.`,
    );
  return listed.map((entry) => entry === 1);
}
