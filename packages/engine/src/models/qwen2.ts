import { selfAttention } from "./blocks/attention.js";
import { decoder, decoderConfig, preNorm } from "./blocks/decoder.js";
import { gatedMlp } from "./blocks/mlp.js";
import { activation, flag, layerWindows, optional, type RawConfig, real, ropeOptions } from "./config.js";
import type { Family } from "./family.js";

/**
 * Qwen2 and Qwen2.5: a Llama with biases on queries, keys and values, and, where `use_sliding_window` says so, a window
 * in the layers from `max_window_layers` on. arXiv:2407.10671, arXiv:2412.15115.
 */
export const family: Family = (raw) => {
  const config = decoderConfig(raw, { max_position_embeddings: 32_768 });
  const windows = qwenWindows(raw, config.num_hidden_layers);
  const attention = { rope: ropeOptions(raw), bias: true };
  const mlp = { activation: activation(raw) };
  const norm = { eps: config.rms_norm_eps };
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

/** The window of each layer of a Qwen: none unless `use_sliding_window`. */
export function qwenWindows(raw: RawConfig, layers: number): readonly (number | undefined)[] {
  const window = flag(raw, "use_sliding_window", false) ? optional(raw, "sliding_window", 4096) : undefined;
  const firstSliding = real(raw, "max_window_layers", 28);
  return layerWindows(raw, layers, window, (layer) => layer >= firstSliding);
}
