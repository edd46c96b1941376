import { expect, test } from "vitest";
import { decoderConfig } from "./blocks/decoder.js";
import { activation, layerWindows, optional, partialRope, type RawConfig, ropeOptions } from "./config.js";
import { loadFamily } from "./registry.js";

const ropes: { why: string; config: RawConfig; expected: unknown }[] = [
  { why: "nothing said", config: {}, expected: { theta: 10_000 } },
  { why: "the old spelling", config: { rope_theta: 5e5, rope_scaling: null }, expected: { theta: 5e5 } },
  {
    why: "the new spelling, linear",
    config: { rope_parameters: { rope_type: "linear", rope_theta: 1e6, factor: 8 } },
    expected: { theta: 1e6, scaling: { rope_type: "linear", factor: 8 } },
  },
  {
    why: "dynamic scaling, which leaves alone what the model was made for",
    config: { rope_theta: 1e4, rope_scaling: { type: "dynamic", factor: 4 } },
    expected: { theta: 10_000 },
  },
  {
    why: "YaRN as Qwen2.5 writes it",
    config: {
      rope_theta: 1e6,
      rope_scaling: { type: "yarn", factor: 4, original_max_position_embeddings: 32_768 },
    },
    expected: {
      theta: 1e6,
      scaling: { rope_type: "yarn", factor: 4, original_max_position_embeddings: 32_768, truncate: true },
    },
  },
  {
    why: "LongRoPE as Phi-3 writes it, its original context beside it",
    config: {
      max_position_embeddings: 131_072,
      original_max_position_embeddings: 4096,
      rope_scaling: { type: "su", short_factor: [1, 1.5], long_factor: [2, 40] },
    },
    expected: {
      theta: 10_000,
      scaling: {
        rope_type: "longrope",
        short_factor: [1, 1.5],
        long_factor: [2, 40],
        original_max_position_embeddings: 4096,
        factor: 32,
      },
    },
  },
];

test.each(ropes)("ropeOptions, $why", ({ config, expected }) => {
  expect(ropeOptions(config)).toEqual(expected);
});

test("partialRope turns a part of each head, in either spelling", () => {
  expect(partialRope({ partial_rotary_factor: 0.75 }, 128)).toEqual({ theta: 10_000, rotaryDim: 96 });
  expect(partialRope({ rope_parameters: { partial_rotary_factor: 0.5 } }, 64)).toEqual({
    theta: 10_000,
    rotaryDim: 32,
  });
  expect(partialRope({ partial_rotary_factor: 1 }, 96)).toEqual({ theta: 10_000 });
});

test("layerWindows follows layer_types, or the family's own rule where there are none", () => {
  const even = (layer: number) => layer % 2 === 0;
  expect(layerWindows({}, 3, 9, even)).toEqual([9, undefined, 9]);
  const layer_types = ["full_attention", "full_attention", "sliding_attention"];
  expect(layerWindows({ layer_types }, 3, 9, even)).toEqual([undefined, undefined, 9]);
});

test("optional takes missing, null and 0 for none, and a default only where the key is missing", () => {
  const read = (config: RawConfig) => optional(config, "sliding_window", 4096);
  expect([read({}), read({ sliding_window: null }), read({ sliding_window: 0 }), read({ sliding_window: 5 })]).toEqual([
    4096,
    undefined,
    undefined,
    5,
  ]);
});

test.each([
  { read: () => activation({ hidden_act: "relu2" }), says: 'hidden_act is "relu2"; expected one of silu' },
  {
    read: () => decoderConfig({ use_bidirectional_attention: true }),
    says: "use_bidirectional_attention is true; expected false, all that this version can run",
  },
  { read: () => optional({ sliding_window: "wide" }, "sliding_window"), says: "expected a number above 0 or null" },
  {
    read: () => layerWindows({ layer_types: ["full"] }, 1, 9, () => true),
    says: "expected 1 names, each full_attention",
  },
  {
    read: () => ropeOptions({ rope_scaling: { type: "proportional" } }),
    says: 'rope_type is "proportional"; this version knows',
  },
  {
    read: () => partialRope({ partial_rotary_factor: 0.3 }, 10),
    says: "partial_rotary_factor is 0.3; expected a part",
  },
  {
    read: () => ropeOptions({ max_position_embeddings: 8, rope_scaling: { type: "longrope", short_factor: [0] } }),
    says: "short_factor is [0]; expected a list of numbers above 0",
  },
])("what a config cannot say is an error: $says", ({ read, says }) => {
  expect(read).toThrow(says);
});

test("an unknown family is answered with those that are known, the nearest first", async () => {
  await expect(loadFamily({ model_type: "gemma3" })).rejects.toThrow(
    /"gemma3", a family this version does not know\. It knows: gemma\d?, .*llama.*qwen3/,
  );
});
