import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Gpu } from "@alambic/kernels";
import { expect, onTestFinished, test, vi } from "vitest";
import { certain, expectedOf, largestDifference } from "../testing/expected.js";
import { failure } from "../testing/failure.js";
import { fixture } from "../testing/fixtures.js";
import { testGpu } from "../testing/gpu.js";
import { folder } from "../testing/safetensors.js";
import { compareModels } from "./engine.js";
import { Model } from "./model.js";
import { inspectSynthetic, syntheticModel } from "./synthetic.js";

test("what is known of published models, from their configs alone", async () => {
  const mixtral = await inspectSynthetic({
    ...{ model_type: "mixtral", vocab_size: 32_000, hidden_size: 4096, intermediate_size: 14_336 },
    ...{ num_hidden_layers: 32, num_attention_heads: 32, num_key_value_heads: 8 },
    ...{ num_local_experts: 8, num_experts_per_tok: 2 },
  });
  expect(mixtral.parameters).toMatchObject({ total: 46_702_792_704, active: 12_879_925_248 });
  const qwen3 = await inspectSynthetic({
    ...{ model_type: "qwen3_moe", vocab_size: 151_936, hidden_size: 2048, intermediate_size: 6144, head_dim: 128 },
    ...{ num_hidden_layers: 48, num_attention_heads: 32, num_key_value_heads: 4 },
    ...{ num_experts: 128, num_experts_per_tok: 8, moe_intermediate_size: 768 },
  });
  expect(qwen3.parameters).toMatchObject({ total: 30_532_122_624, active: 3_353_032_704 });
  // Qwen1.5-MoE-A2.7B: 14.3B parameters, 2.7B of them active.
  const qwen2 = await inspectSynthetic({
    ...{ model_type: "qwen2_moe", vocab_size: 151_936, hidden_size: 2048, intermediate_size: 5632 },
    ...{ num_hidden_layers: 24, num_attention_heads: 16, num_key_value_heads: 16 },
    ...{ num_experts: 60, num_experts_per_tok: 4, moe_intermediate_size: 1408, shared_expert_intermediate_size: 5632 },
  });
  expect(qwen2.parameters).toMatchObject({ total: 14_315_784_192, active: 2_689_173_504 });
  expect(mixtral.parameters.experts).toBe(32 * (8 * 3 * 4096 * 14_336 + 8 * 4096));
  // int4 in groups of 64: half a byte a number and four bytes a group, embedding and head at a byte.
  const inExperts = 32 * 8 * 3 * 4096 * 14_336;
  expect(mixtral.bytes.int4).toBeGreaterThan(inExperts * (1 / 2 + 4 / 64));
  expect(mixtral.bytes.int4).toBeLessThan(1.06 * inExperts * (1 / 2 + 4 / 64));
});

test.each([
  { name: "mixtral", experts: 4, chosen: 2 },
  { name: "qwen3-moe", experts: 8, chosen: 2 },
])("a token of $name reads $chosen experts of $experts", async ({ name, experts, chosen }) => {
  const model = await Model.load(fixture(name), { gpu: await testGpu() });
  const { parameters, gpuBytes } = model.info;
  const stored = 2 * (parameters.active - parameters.embedding / 2); // bf16; of the embedding one row is read
  const { decode } = model.planCosts({ prompt: 0, position: 0 });
  expect(decode.bytes).toBeGreaterThan(stored);
  expect(decode.bytes).toBeLessThan(1.15 * stored);
  expect(decode.bytes).toBeLessThan(gpuBytes * (chosen / experts + 0.45));
  expect(decode.flops).toBeLessThan(2.6 * parameters.active);
  model.dispose();
});

/** A device that binds as little as one is told. */
function bindingAtMost(bytes: number, { device, adapter }: Gpu): Gpu {
  class SmallBindings extends Gpu {
    override get largestBinding(): number {
      return bytes;
    }
  }
  return new SmallBindings(device, adapter);
}

test("a stack of experts in several buffers", async () => {
  const expected = expectedOf("qwen3-moe");
  const gpu = bindingAtMost(20_000, await testGpu());
  const model = await Model.load(fixture("qwen3-moe"), { gpu });
  const { logits } = await model.forward(expected.input_ids);
  for (const [position, row] of logits.entries())
    expect(largestDifference(row, expected.logits[position]!), `position ${position}`).toBeLessThan(2e-3);
  const ids = certain(expected.greedy, expected.greedy_margins, 1e-3);
  expect((await model.generate(expected.input_ids, { maxTokens: ids.length }).result()).ids).toEqual(ids);
  model.dispose();
  expect(gpu.buffers.bytes).toBe(0);
});

test("an expert that fits no binding is an error that says what to do", async () => {
  const gpu = bindingAtMost(3000, await testGpu());
  await expect(Model.load(fixture("qwen3-moe"), { gpu })).rejects.toThrow(
    'one expert\'s 64 rows of 32 columns take 0.0 MiB as bf16; this device allows 0.0 MiB a binding. Load with quantize: "int4"',
  );
  const { verdict } = await Model.inspect(fixture("qwen3-moe"), { gpu });
  expect(verdict).toMatchObject({ fits: "int4", reason: expect.stringContaining("It fits with int4") });
  const tiny = await Model.inspect(fixture("qwen3-moe"), { gpu: bindingAtMost(1000, gpu) });
  expect(tiny.verdict).toMatchObject({ fits: null, reason: expect.stringContaining("one expert's 64 rows of") });
  expect(gpu.buffers.bytes).toBe(0);
});

// As far as the dense fixtures are: a row in a wrong place would be nats away.
test.each([
  { name: "qwen2-moe-mixed", quantize: "int8" as const, kl: 0.02 },
  { name: "mixtral", quantize: "int8" as const, kl: 0.005 },
  { name: "mixtral", quantize: "int4" as const, kl: 0.6 },
])("experts quantised while they load, $name to $quantize", async ({ name, quantize, kl }) => {
  const gpu = await testGpu();
  const before = gpu.buffers.bytes;
  const [whole, packed] = [
    await Model.load(fixture(name), { gpu }),
    await Model.load(fixture(name), { gpu, quantize }),
  ];
  expect(packed.info.gpuBytes).toBe(packed.info.bytes[quantize]);
  const { mean_kl } = await compareModels(whole, packed, expectedOf(name).input_ids);
  expect(mean_kl).toBeLessThan(kl);
  expect(mean_kl).toBeGreaterThan(0);
  whole.dispose();
  packed.dispose();
  expect(gpu.buffers.bytes).toBe(before);
});

test("a second start of a mixture reads what was packed", async () => {
  const home = mkdtempSync(join(tmpdir(), "alambic-packed-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv("XDG_CACHE_HOME", home);
  const gpu = bindingAtMost(20_000, await testGpu());
  const logitsOfOne = async () => {
    const model = await Model.load(fixture("qwen3-moe"), { gpu, quantize: "int4", cache: true });
    const { logits } = await model.forward(expectedOf("qwen3-moe").input_ids);
    model.dispose();
    return { logits, cached: model.info.traffic!.cached };
  };
  const [first, second] = [await logitsOfOne(), await logitsOfOne()];
  expect([first.cached > 0, second.cached > 0]).toEqual([false, true]);
  expect(second.logits).toEqual(first.logits);
});

test("a synthetic mixture of every form answers", async () => {
  const gpu = await testGpu();
  const config = JSON.parse(await readFile(`${fixture("qwen2-moe")}/config.json`, "utf8"));
  for (const quantize of ["none", "int8", "int4"] as const) {
    const model = await syntheticModel(config, { gpu, quantize });
    expect(model.info.gpuBytes).toBe(model.info.bytes[quantize]);
    expect((await model.generate([5, 6, 7], { maxTokens: 3, ignoreEos: true }).result()).ids).toHaveLength(3);
    model.dispose();
  }
});

const broken: { why: string; name: string; change: (config: Record<string, unknown>) => void; error: string }[] = [
  {
    why: "more experts chosen than there are",
    name: "qwen3-moe",
    change: (config) => Object.assign(config, { num_experts_per_tok: 9 }),
    error: "config: config.json: num_experts_per_tok is 9, of 8 experts",
  },
  {
    why: "more experts than the checkpoint holds",
    name: "mixtral",
    change: (config) => Object.assign(config, { num_local_experts: 5 }),
    error: "checkpoint-shape: model.layers.0.block_sparse_moe.gate.weight is [4, 64]; [5, 64] was expected",
  },
  {
    why: "a stack of another width",
    name: "qwen2-moe-mixed",
    change: (config) => Object.assign(config, { moe_intermediate_size: 29 }),
    error: "checkpoint-shape: model.layers.1.mlp.experts.gate_up_proj[0] is [28, 60]; [29, 60] was expected",
  },
  {
    why: "layers that are not numbers",
    name: "qwen2-moe-mixed",
    change: (config) => Object.assign(config, { mlp_only_layers: "3" }),
    error: 'config: config.json: mlp_only_layers is "3"; expected a list of layers\' numbers',
  },
];
test.each(broken)("$why is an error", async ({ name, change, error }) => {
  const [text, weights] = await Promise.all([
    readFile(`${fixture(name)}/config.json`, "utf8"),
    readFile(`${fixture(name)}/model.safetensors`),
  ]);
  const config = JSON.parse(text);
  change(config);
  const source = folder({ "config.json": JSON.stringify(config), "model.safetensors": new Uint8Array(weights) });
  expect(await failure(() => Model.inspect(source))).toContain(error);
});
