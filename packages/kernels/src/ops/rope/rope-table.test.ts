import { expect, test } from "vitest";
import { type RopeConfig, RopeConfigError, type RopeScaling, ropeFrequencies, ropeTable } from "./rope-table.js";

// The expected numbers are those of transformers 5.23 (modeling_rope_utils.py), its formulas evaluated in f64.
const longrope = {
  rope_type: "longrope",
  short_factor: [1, 1.05, 1.1, 1.2],
  long_factor: [1, 1.5, 2.25, 8],
  original_max_position_embeddings: 4096,
  factor: 32,
} as const;

interface Case {
  readonly why: string;
  readonly rotaryDim: number;
  readonly theta: number;
  readonly positions?: number;
  readonly scaling?: RopeScaling;
  readonly frequencies: readonly number[];
  readonly attentionFactor?: number;
}

const cases: Case[] = [
  { why: "plain", rotaryDim: 8, theta: 10_000, frequencies: [1, 0.1, 0.01, 0.001] },
  {
    why: "linear",
    rotaryDim: 8,
    theta: 10_000,
    scaling: { rope_type: "linear", factor: 4 },
    frequencies: [0.25, 0.025, 0.0025, 0.00025],
  },
  {
    why: "llama3 with a short original context",
    rotaryDim: 16,
    theta: 500_000,
    scaling: {
      rope_type: "llama3",
      factor: 8,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 64,
    },
    frequencies: [
      1, 0.0794030091792082, 0.004700753866357992, 0.0009115830921521386, 0.00017677669529663688, 3.428102195952591e-5,
      6.647869871181236e-6, 1.2891731721515574e-6,
    ],
  },
  {
    why: "llama3 as Llama 3.2 has it",
    rotaryDim: 24,
    theta: 500_000,
    scaling: {
      rope_type: "llama3",
      factor: 32,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 8192,
    },
    frequencies: [
      1, 0.3350316475065263, 0.11224620483093732, 0.03760603093086393, 0.012599210498948734, 0.0042211342507443165,
      0.00042955679655936815, 1.4806446866497858e-5, 4.960628287400626e-6, 1.661967467795309e-6, 5.568116988377118e-7,
      1.8654954081250652e-7,
    ],
  },
  {
    why: "yarn as Qwen has it",
    rotaryDim: 16,
    theta: 1_000_000,
    scaling: { rope_type: "yarn", factor: 4, original_max_position_embeddings: 32_768 },
    frequencies: [
      1, 0.1778279410038923, 0.03162277660168379, 0.004217559938927618, 0.0005, 4.445698525097307e-5,
      7.905694150420949e-6, 1.4058533129758728e-6,
    ],
    attentionFactor: 1.138629436111989,
  },
  {
    why: "yarn with both mscales",
    rotaryDim: 12,
    theta: 10_000,
    scaling: {
      rope_type: "yarn",
      factor: 40,
      original_max_position_embeddings: 4096,
      beta_fast: 32,
      beta_slow: 1,
      mscale: 0.8,
      mscale_all_dim: 1,
    },
    frequencies: [1, 0.2154434690031884, 0.03510201555419665, 0.005125, 0.0005790043229460689, 1.1603972084031941e-5],
    attentionFactor: 0.9461039968029624,
  },
  {
    why: "yarn, ramp not truncated",
    rotaryDim: 12,
    theta: 150_000,
    scaling: { rope_type: "yarn", factor: 32, original_max_position_embeddings: 4096, truncate: false },
    frequencies: [
      1, 0.1371886313716285, 0.013777479816473214, 0.00045648391922324086, 1.1069360095652204e-5, 1.5185903616822431e-6,
    ],
    attentionFactor: 1.3465735902799727,
  },
  {
    why: "longrope within the original context",
    rotaryDim: 8,
    theta: 10_000,
    positions: 4096,
    scaling: longrope,
    frequencies: [1, 0.09523809523809523, 0.00909090909090909, 0.0008333333333333334],
    attentionFactor: 1.1902380714238083,
  },
  {
    why: "longrope past the original context",
    rotaryDim: 8,
    theta: 10_000,
    positions: 4097,
    scaling: longrope,
    frequencies: [1, 0.06666666666666667, 0.0044444444444444444, 0.000125],
    attentionFactor: 1.1902380714238083,
  },
];

test.each(cases)("ropeFrequencies, $why", ({ frequencies, attentionFactor = 1, positions = 16, why: _, ...config }) => {
  const found = ropeFrequencies({ ...config, positions });
  expect(found.frequencies.length).toBe(frequencies.length);
  for (const [i, expected] of frequencies.entries()) expect(found.frequencies[i]! / expected).toBeCloseTo(1, 12);
  expect(found.attentionFactor).toBeCloseTo(attentionFactor, 12);
});

test("ropeTable holds cos and sin, rounded once, times the attention factor", () => {
  const table = ropeTable({
    rotaryDim: 4,
    theta: 10_000,
    positions: 3000,
    scaling: { rope_type: "yarn", factor: 2, original_max_position_embeddings: 1024, attention_factor: 0.5 },
  });
  expect(table.length).toBe(3000 * 2 * 2);
  expect([...table.subarray(0, 4)]).toEqual([0.5, 0, 0.5, 0]);
  // The first pair turns one radian a position: 2999 of them are 477 turns and 1.8942559... more.
  const rest = 2999 - 477 * 2 * Math.PI;
  expect(table[2999 * 4]).toBeCloseTo(0.5 * Math.cos(rest), 7);
  expect(table[2999 * 4 + 1]).toBeCloseTo(0.5 * Math.sin(rest), 7);
});

test.each<[why: string, changes: Partial<RopeConfig>, message: string]>([
  ["an odd head", { rotaryDim: 7 }, "7 is not an even number"],
  ["no theta", { theta: Number.NaN }, "rope_theta is NaN"],
  ["a type nobody knows", { scaling: { rope_type: "spiral" } as never }, 'rope_type is "spiral"; known are default'],
  ["no factor", { scaling: { rope_type: "linear" } as never }, "linear needs a factor above 0; found undefined"],
  [
    "factors the wrong way round",
    {
      scaling: {
        rope_type: "llama3",
        factor: 8,
        low_freq_factor: 4,
        high_freq_factor: 1,
        original_max_position_embeddings: 64,
      },
    },
    "0 < low_freq_factor < high_freq_factor",
  ],
  ["a short list", { scaling: { ...longrope, short_factor: [1] } }, "short_factor has 1 entries; 4 pairs"],
])("ropeFrequencies refuses %s", (_, changes, message) => {
  const attempt = () => ropeFrequencies({ rotaryDim: 8, theta: 10_000, positions: 16, ...changes });
  expect(attempt).toThrow(RopeConfigError);
  expect(attempt).toThrow(message);
});
