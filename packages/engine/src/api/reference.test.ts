import { Gpu } from "@alambic/kernels";
import { afterAll, describe, expect, test } from "vitest";
import { certain, expectedOf, largestDifference } from "../testing/expected.js";
import { fixture } from "../testing/fixtures.js";
import { testGpu } from "../testing/gpu.js";
import { Model } from "./model.js";

const checkpoints = [
  { name: "llama-tied", why: "bf16, tied head, old spelling" },
  { name: "llama3-rope", why: "six shards, llama3 frequencies, a head of its own" },
  { name: "mlx-4bit-g64", why: "MLX 4 bits in groups of 64, new spelling" },
  { name: "mlx-8bit-g32", why: "MLX 8 bits in groups of 32" },
  { name: "llama-odd", why: "MLX, mixed: 4 and 8 bits and none, biases, 5 heads over 1, 20 shards, linear RoPE" },
  { name: "qwen2", why: "f16, biases on queries, keys and values" },
  { name: "mistral-window", why: "a sliding window shorter than the prompt" },
  { name: "qwen3", why: "norms of queries and keys, heads wider than hidden / heads" },
  { name: "gemma", why: "unit offsets, scaled embeddings, GELU" },
  { name: "gemma2", why: "soft-caps, norms after, windows in every other layer" },
  { name: "gemma3", why: "old spelling: a window and a rotary base of their own in five layers of six" },
  { name: "phi3", why: "merged projections in the checkpoint" },
  { name: "phi3-longrope", why: "old spelling, LongRoPE: the answer grows past the original context" },
  { name: "phi3-partial", why: "LongRoPE past the original context from the start, on three quarters of a head" },
  { name: "llama-yarn", why: "YaRN, f32, biases on every projection" },
  { name: "qwen2-window", why: "old spelling, windows from the second layer on, YaRN" },
  { name: "smollm3", why: "every other layer without rotation" },
  { name: "granite", why: "four multipliers" },
  { name: "olmo2", why: "norms after attention and MLP, and across all heads of queries and keys" },
  { name: "awq-g64", why: "AWQ, words along N in its own order" },
  { name: "gptq-g32", why: "GPTQ, zeros less one" },
  { name: "gptq-g128-actorder", why: "GPTQ with the columns of one projection in three groups, out of order" },
  { name: "gptq-v2-actorder", why: "GPTQ, zeros as they are, every projection out of order, groups that end short" },
  { name: "gptq-whole", why: "GPTQ, a group a row, zeros up to 16, no g_idx" },
  { name: "gptq-8bit", why: "GPTQ in 8 bits, symmetric, out of order" },
  { name: "awq-bf16", why: "AWQ with bf16 scales" },
  { name: "mixtral", why: "two experts of four" },
  { name: "qwen2-moe", why: "a shared expert behind a gate, weights that do not add up to one" },
  { name: "qwen3-moe", why: "two experts of eight, norms of queries and keys" },
  { name: "mixtral-one", why: "f32, old spelling, one expert of three, odd sizes, a window" },
  { name: "qwen2-moe-mixed", why: "stacked experts, dense layers among them, windows, odd sizes, two chunks" },
  { name: "qwen3-moe-mlx", why: "experts as MLX stacks them, 4 and 8 bits, all three of three" },
  { name: "qwen3-moe-gptq", why: "experts packed one by one, 4 bits" },
];

describe.each(checkpoints)("$name ($why)", async ({ name }) => {
  const expected = expectedOf(name);
  const model = await Model.load(fixture(name), { gpu: await testGpu() });
  afterAll(() => model.dispose());

  test("logits of every position are those of transformers", async () => {
    const { logits } = await model.forward(expected.input_ids);
    for (const [position, row] of logits.entries()) {
      expect(largestDifference(row, expected.logits[position]!), `position ${position}`).toBeLessThan(2e-3);
    }
  });

  test("greedy tokens are those of transformers", async () => {
    const ids = certain(expected.greedy, expected.greedy_margins, 1e-3);
    const generation = await model.generate(expected.input_ids, { maxTokens: ids.length }).result();
    expect(generation.ids).toEqual(ids);
    expect(generation.text).toBeNull();
    expect(generation.finishReason).toBe("length");
  });
});

test.each([
  { name: "mlx-4bit-g64", why: "4 bits", aLayer: 6 },
  { name: "gemma", why: "projections apply norms with a unit offset", aLayer: 6 },
  { name: "qwen3", why: "heads are normed where they are rotated", aLayer: 7 },
  { name: "phi3-partial", why: "heads turn in part", aLayer: 7 },
])(
  "the plan for GPUs gives the same tokens as the one for software adapters, $name: $why",
  async ({ name, aLayer }) => {
    const { device, adapter } = await testGpu();
    const gpu = new Gpu(device, { ...adapter, kind: "gpu" });
    const expected = expectedOf(name);
    const model = await Model.load(fixture(name), { gpu, tune: "off" });
    const { decode } = model.planCosts({ prompt: 1, position: 8 });
    expect(decode.dispatches).toBeLessThanOrEqual(aLayer * model.info.layers + 4);
    const ids = certain(expected.greedy, expected.greedy_margins, 1e-3);
    expect((await model.generate(expected.input_ids, { maxTokens: ids.length }).result()).ids).toEqual(ids);
    model.dispose();
  },
);
