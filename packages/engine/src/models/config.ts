import { ConfigError } from "../errors.js";
import type { Activation, RopeOptions } from "../graph/graph.js";

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

/** A number above 0, or none: missing, null and 0 all say none. */
export function optional(config: RawConfig, key: string, fallback?: number): number | undefined {
  const value = Object.hasOwn(config, key) ? config[key] : fallback;
  if (value === undefined || value === null || value === 0) return undefined;
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0)
    throw wrong(key, value, "a number above 0 or null");
  return value;
}

/** For a switch that changes the mathematics and that no family here follows. */
export function refuse(config: RawConfig, key: string): void {
  if (config[key]) throw wrong(key, config[key], "false, all that this version can run");
}

const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  silu: "silu",
  swish: "silu",
  gelu_pytorch_tanh: "gelu_tanh",
  gelu_new: "gelu_tanh",
  gelu: "gelu",
};

/** The nonlinearity of an MLP, under the name that Hugging Face gives it. */
export function activation(config: RawConfig, key = "hidden_act", fallback = "silu"): Activation {
  const value = config[key] ?? fallback;
  const known = typeof value === "string" && Object.hasOwn(ACTIVATIONS, value) ? ACTIVATIONS[value] : undefined;
  if (!known) throw wrong(key, value, `one of ${Object.keys(ACTIVATIONS).join(", ")}`);
  return known;
}

/**
 * The sliding window of each layer, `undefined` where a layer sees everything: by `layer_types`, or, in configs that
 * have none, by the family's own rule.
 */
export function layerWindows(
  config: RawConfig,
  layers: number,
  window: number | undefined,
  slides: (layer: number) => boolean,
): readonly (number | undefined)[] {
  const types = config.layer_types ?? undefined;
  const known = ["full_attention", "sliding_attention"];
  if (
    types !== undefined &&
    !(Array.isArray(types) && types.length === layers && types.every((type) => known.includes(type)))
  )
    throw wrong("layer_types", types, `${layers} names, each ${known.join(" or ")}`);
  return Array.from({ length: layers }, (_, layer) =>
    (types ? types[layer] === "sliding_attention" : slides(layer)) ? window : undefined,
  );
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
  const original = () =>
    count(
      { ...config, ...parameters },
      "original_max_position_embeddings",
      count(config, "max_position_embeddings", 2048),
    );
  switch (type) {
    case "default":
      return { theta };
    case "dynamic": // stretches texts longer than max_position_embeddings alone, and none is
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
    case "yarn":
      return {
        theta,
        scaling: {
          rope_type: "yarn",
          factor: real(parameters, "factor"),
          original_max_position_embeddings: original(),
          ...reals(parameters, "attention_factor", "beta_fast", "beta_slow", "mscale", "mscale_all_dim"),
          truncate: flag(parameters, "truncate", true),
        },
      };
    case "su": // what the first Phi-3 checkpoints call it
    case "longrope":
      return {
        theta,
        scaling: {
          rope_type: "longrope",
          short_factor: divisors(parameters, "short_factor"),
          long_factor: divisors(parameters, "long_factor"),
          original_max_position_embeddings: original(),
          factor: real(parameters, "factor", count(config, "max_position_embeddings") / original()),
          ...reals(parameters, "attention_factor"),
        },
      };
    default:
      throw new ConfigError(
        `config.json: rope_type is ${JSON.stringify(type)}; this version knows default, linear, dynamic, llama3, yarn and longrope. Use a checkpoint with one of these.`,
      );
  }
}

/** The same, for families of which `partial_rotary_factor` says that only the first dimensions of a head turn. */
export function partialRope(config: RawConfig, headDim: number, defaultTheta?: number): RopeOptions {
  const rope = ropeOptions(config, defaultTheta);
  const parameters = (config.rope_parameters ?? {}) as RawConfig;
  const factor = real({ ...config, ...parameters }, "partial_rotary_factor", 1);
  const rotaryDim = Math.trunc(headDim * factor);
  if (!(rotaryDim >= 2 && rotaryDim <= headDim && rotaryDim % 2 === 0))
    throw wrong("partial_rotary_factor", factor, `a part of a head's ${headDim} dimensions that is even`);
  return rotaryDim < headDim ? { ...rope, rotaryDim } : rope;
}

/** Those of the keys that are given. */
function reals<Key extends string>(config: RawConfig, ...keys: readonly Key[]): Partial<Record<Key, number>> {
  const given = keys.filter((key) => config[key] !== undefined && config[key] !== null);
  return Object.fromEntries(given.map((key) => [key, real(config, key)])) as Partial<Record<Key, number>>;
}

function divisors(config: RawConfig, key: string): readonly number[] {
  const value = config[key];
  if (!Array.isArray(value) || !value.every((entry) => typeof entry === "number" && entry > 0))
    throw wrong(key, value, "a list of numbers above 0");
  return value;
}
