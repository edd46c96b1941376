import { GpuError } from "../../gpu/errors.js";

/** How a checkpoint stretches its rotary frequencies, in the keys of Hugging Face's `rope_parameters` / `rope_scaling`. */
export type RopeScaling =
  | { readonly rope_type: "default" }
  /** Positions divided by `factor`. */
  | { readonly rope_type: "linear"; readonly factor: number }
  /** Llama 3.1: long wavelengths divided by `factor`, short ones kept, a ramp between. */
  | {
      readonly rope_type: "llama3";
      readonly factor: number;
      readonly low_freq_factor: number;
      readonly high_freq_factor: number;
      readonly original_max_position_embeddings: number;
    }
  /** YaRN, arXiv:2309.00071. */
  | {
      readonly rope_type: "yarn";
      readonly factor: number;
      readonly original_max_position_embeddings: number;
      readonly attention_factor?: number | null;
      /** 32 unless given. */
      readonly beta_fast?: number | null;
      /** 1 unless given. */
      readonly beta_slow?: number | null;
      readonly mscale?: number | null;
      readonly mscale_all_dim?: number | null;
      /** Whether the ramp begins and ends on whole dimensions; true unless given. */
      readonly truncate?: boolean;
    }
  /** LongRoPE, arXiv:2402.13753: a divisor for each frequency, one list up to the original context and one past it. */
  | {
      readonly rope_type: "longrope";
      readonly short_factor: readonly number[];
      readonly long_factor: readonly number[];
      readonly original_max_position_embeddings: number;
      /** max_position_embeddings / original_max_position_embeddings where the config has no factor of its own. */
      readonly factor: number;
      readonly attention_factor?: number | null;
    };

export interface RopeConfig {
  /** Dimensions of a head that turn: head_dim, times partial_rotary_factor where there is one. Even. */
  readonly rotaryDim: number;
  /** `rope_theta`. */
  readonly theta: number;
  /** Positions the table is for. LongRoPE takes its long factors when they exceed the original context. */
  readonly positions: number;
  /** Plain frequencies unless given. */
  readonly scaling?: RopeScaling;
}

export interface RopeFrequencies {
  /** Radians a position, `[rotaryDim / 2]`. */
  readonly frequencies: Float64Array;
  /** What cos and sin are multiplied by: 1 but for YaRN and LongRoPE. */
  readonly attentionFactor: number;
}

/** A rotary configuration that cannot be: the message names the key. */
export class RopeConfigError extends GpuError {
  constructor(message: string) {
    super("rope-config", message);
  }
}

/**
 * The rotary table `[positions, rotaryDim / 2, 2]`: cos and sin of position times frequency, times the attention
 * factor, computed in f64 and rounded to f32 once. WGSL's own sin and cos are good to 2^-11 only.
 *
 * @throws {@link RopeConfigError} when the configuration cannot be.
 */
export function ropeTable(config: RopeConfig): Float32Array {
  const { frequencies, attentionFactor } = ropeFrequencies(config);
  const table = new Float32Array(2 * config.positions * frequencies.length);
  let at = 0;
  for (let position = 0; position < config.positions; position++) {
    for (const frequency of frequencies) {
      table[at++] = attentionFactor * Math.cos(position * frequency);
      table[at++] = attentionFactor * Math.sin(position * frequency);
    }
  }
  return table;
}

/**
 * The frequencies of a rotary embedding, `theta^(-2i / rotaryDim)` before scaling.
 *
 * @throws {@link RopeConfigError} when the configuration cannot be.
 */
export function ropeFrequencies(config: RopeConfig): RopeFrequencies {
  const { rotaryDim, theta, positions, scaling = { rope_type: "default" } } = config;
  if (!(rotaryDim >= 2 && rotaryDim % 2 === 0)) {
    throw new RopeConfigError(
      `RoPE turns pairs of dimensions; ${rotaryDim} is not an even number of them. Check head_dim and partial_rotary_factor.`,
    );
  }
  if (!(theta > 0)) throw new RopeConfigError(`rope_theta is ${theta}; it must be a number above 0.`);
  const plain = Float64Array.from({ length: rotaryDim / 2 }, (_, i) => theta ** ((-2 * i) / rotaryDim));
  switch (scaling.rope_type) {
    case "default":
      return { frequencies: plain, attentionFactor: 1 };
    case "linear":
      return { frequencies: plain.map((frequency) => frequency / factorOf(scaling)), attentionFactor: 1 };
    case "llama3":
      return { frequencies: llama3(plain, scaling), attentionFactor: 1 };
    case "yarn":
      return { frequencies: yarn(plain, config, scaling), attentionFactor: yarnAttentionFactor(scaling) };
    case "longrope":
      return longrope(plain, positions, scaling);
    default:
      throw new RopeConfigError(
        `rope_type is ${JSON.stringify((scaling as { rope_type: unknown }).rope_type)}; known are default, linear, llama3, yarn and longrope.`,
      );
  }
}

type Scaling<Type extends RopeScaling["rope_type"]> = Extract<RopeScaling, { rope_type: Type }>;

function llama3(plain: Float64Array, scaling: Scaling<"llama3">): Float64Array {
  const factor = factorOf(scaling);
  const { low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings: original } = scaling;
  if (!(low > 0 && high > low && original > 0)) {
    throw new RopeConfigError(
      `llama3 needs 0 < low_freq_factor < high_freq_factor and original_max_position_embeddings above 0; found ${low}, ${high} and ${original}.`,
    );
  }
  return plain.map((frequency) => {
    const turns = (original * frequency) / (2 * Math.PI); // full turns over the original context
    const kept = clamp01((turns - low) / (high - low));
    return kept * frequency + ((1 - kept) * frequency) / factor;
  });
}

function yarn(plain: Float64Array, { rotaryDim, theta }: RopeConfig, scaling: Scaling<"yarn">): Float64Array {
  const factor = factorOf(scaling);
  const { original_max_position_embeddings: original, truncate = true } = scaling;
  if (!(original > 0)) {
    throw new RopeConfigError(`yarn needs original_max_position_embeddings above 0; found ${original}.`);
  }
  // The dimension, a real number, whose frequency makes this many turns over the original context.
  const dimensionOf = (turns: number) =>
    (rotaryDim * Math.log(original / (turns * 2 * Math.PI))) / (2 * Math.log(theta));
  const fast = dimensionOf(scaling.beta_fast || 32);
  const slow = dimensionOf(scaling.beta_slow || 1);
  const low = Math.max(truncate ? Math.floor(fast) : fast, 0);
  const high = Math.min(truncate ? Math.ceil(slow) : slow, rotaryDim - 1);
  const width = low === high ? 0.001 : high - low;
  return plain.map((frequency, i) => {
    const stretched = clamp01((i - low) / width);
    return (stretched * frequency) / factor + (1 - stretched) * frequency;
  });
}

function yarnAttentionFactor({ factor, attention_factor, mscale, mscale_all_dim }: Scaling<"yarn">): number {
  const scaleOf = (weight: number) => (factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1);
  if (attention_factor != null) return attention_factor;
  return mscale && mscale_all_dim ? scaleOf(mscale) / scaleOf(mscale_all_dim) : scaleOf(1);
}

function longrope(plain: Float64Array, positions: number, scaling: Scaling<"longrope">): RopeFrequencies {
  const { original_max_position_embeddings: original } = scaling;
  const factor = factorOf(scaling);
  const name = positions > original ? "long_factor" : "short_factor";
  const divisors = scaling[name];
  if (divisors?.length !== plain.length) {
    throw new RopeConfigError(
      `longrope's ${name} has ${divisors?.length ?? "no"} entries; ${plain.length} pairs of dimensions turn.`,
    );
  }
  const attentionFactor =
    scaling.attention_factor ?? (factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original)));
  return { frequencies: plain.map((frequency, i) => frequency / divisors[i]!), attentionFactor };
}

function factorOf({ rope_type, factor }: { readonly rope_type: string; readonly factor: number }): number {
  if (!(factor > 0)) throw new RopeConfigError(`${rope_type} needs a factor above 0; found ${factor}.`);
  return factor;
}

function clamp01(value: number): number {
  return Math.min(1, Math.max(0, value));
}
