import { ConfigError } from "../errors.js";
import type { RopeOptions } from "../graph/graph.js";

/** config.json as it was read: nothing about it is trusted. */
export type RawConfig = Readonly<Record<string, unknown>>;

/** A positive whole number that the config must have, or may leave to `fallback` where Hugging Face's own class does. */
export function count(config: RawConfig, key: string, fallback?: number): number {
  const value = config[key] ?? fallback;
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 1)
    throw wrong(key, value, "a whole number above 0");
  return value;
}

export function real(config: RawConfig, key: string, fallback?: number): number {
  const value = config[key] ?? fallback;
  if (typeof value !== "number" || !Number.isFinite(value)) throw wrong(key, value, "a number");
  return value;
}

export function flag(config: RawConfig, key: string, fallback: boolean): boolean {
  const value = config[key] ?? fallback;
  if (typeof value !== "boolean") throw wrong(key, value, "true or false");
  return value;
}

function wrong(key: string, value: unknown, expected: string): ConfigError {
  return new ConfigError(
    `config.json: ${key} is ${value === undefined ? "missing" : JSON.stringify(value)}; expected ${expected}. Check that the folder holds the model's own config.json.`,
  );
}

/**
 * The rotary embedding in either spelling: `rope_theta` beside `rope_scaling` (most of the Hub) or both in
 * `rope_parameters` (transformers 5).
 */
export function ropeOptions(config: RawConfig, defaultTheta = 10_000): RopeOptions {
  const parameters = (config.rope_parameters ?? config.rope_scaling ?? {}) as RawConfig;
  const theta = real({ rope_theta: parameters.rope_theta ?? config.rope_theta }, "rope_theta", defaultTheta);
  const type = parameters.rope_type ?? parameters.type ?? "default";
  switch (type) {
    case "default":
      return { theta };
    case "linear":
      return { theta, scaling: { rope_type: "linear", factor: real(parameters, "factor") } };
    case "llama3":
      return {
        theta,
        scaling: {
          rope_type: "llama3",
          factor: real(parameters, "factor"),
          low_freq_factor: real(parameters, "low_freq_factor"),
          high_freq_factor: real(parameters, "high_freq_factor"),
          original_max_position_embeddings: count(parameters, "original_max_position_embeddings"),
        },
      };
    default:
      throw new ConfigError(
        `config.json: rope_type is ${JSON.stringify(type)}; this version knows default, linear and llama3. Use a checkpoint with one of these.`,
      );
  }
}
