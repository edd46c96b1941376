import { readFile } from "node:fs/promises";
import { Gpu } from "@alambic/kernels";
import { afterAll, describe, expect, test } from "vitest";
import { AdapterError } from "../errors.js";
import { certain, type Expected, expectedOf, largestDifference } from "../testing/expected.js";
import { failure } from "../testing/failure.js";
import { fixture } from "../testing/fixtures.js";
import { testGpu } from "../testing/gpu.js";
import { folder } from "../testing/safetensors.js";
import { Model } from "./model.js";
import type { AdapterChoice, ModelHandle } from "./types.js";
import { connectEngine } from "./worker/connect.js";
import { serveEngine } from "./worker/serve.js";

const alone = expectedOf("llama-tied-lora");
const rslora = expectedOf("llama-tied-rslora") as Expected & {
  readonly together: Expected & { readonly weights: { readonly rslora: number; readonly lora: number } };
};

async function expectAsPeft(model: ModelHandle, expected: Expected): Promise<void> {
  const { logits } = await model.forward(expected.input_ids);
  for (const [position, row] of logits.entries())
    expect(largestDifference(row, expected.logits[position]!), `position ${position}`).toBeLessThan(2e-3);
  const ids = certain(expected.greedy, expected.greedy_margins, 1e-3);
  expect((await model.generate(expected.input_ids, { maxTokens: ids.length }).result()).ids).toEqual(ids);
}

describe("two adapters of one model", async () => {
  const gpu = await testGpu();
  const model = await Model.load(fixture("llama-tied"), { gpu });
  afterAll(() => model.dispose());

  test("loading says what they are, and changes nothing", async () => {
    expect(await model.loadAdapter(fixture("llama-tied-lora"))).toEqual({
      ...{ name: "llama-tied-lora", modules: 6, rank: 4, parameters: 3840 },
    });
    expect(await model.loadAdapter(fixture("llama-tied-rslora"), { name: "rslora" })).toMatchObject({
      ...{ name: "rslora", modules: 14, rank: 6 },
    });
    await expectAsPeft(model, expectedOf("llama-tied"));
  });

  const sets: { why: string; choices: AdapterChoice[]; expected: Expected }[] = [
    { why: "one", choices: [{ name: "llama-tied-lora" }], expected: alone },
    { why: "another: rsLoRA, ranks and alphas by pattern", choices: [{ name: "rslora", weight: 1 }], expected: rslora },
    {
      why: "both, weighed",
      choices: [
        { name: "rslora", weight: rslora.together.weights.rslora },
        { name: "llama-tied-lora", weight: rslora.together.weights.lora },
      ],
      expected: rslora.together,
    },
    { why: "one at nothing", choices: [{ name: "rslora", weight: 0 }], expected: expectedOf("llama-tied") },
    { why: "none", choices: [], expected: expectedOf("llama-tied") },
  ];
  test.each(sets)("$why gives what PEFT gives", async ({ choices, expected }) => {
    await model.setAdapters(choices);
    await expectAsPeft(model, expected);
  });

  test("a session forgets what it computed with other adapters", async () => {
    await model.setAdapters([]);
    const session = model.session();
    const base = expectedOf("llama-tied");
    const ask = async ({ input_ids }: Expected) => session.generate(input_ids, { maxTokens: 2 }).result();
    expect((await ask(base)).ids).toEqual(base.greedy.slice(0, 2));
    await model.setAdapters([{ name: "llama-tied-lora" }]);
    const { ids, usage } = await ask(alone);
    expect(ids).toEqual(alone.greedy.slice(0, 2));
    expect(usage.cachedTokens).toBe(0);
    expect((await ask(alone)).usage.cachedTokens).toBe(alone.input_ids.length - 1);
    session.dispose();
  });

  test("a draft has adapters of its own, and the text stays the model's", async () => {
    const draft = await Model.load(fixture("llama-tied"), { gpu });
    await draft.loadAdapter(fixture("llama-tied-rslora"), { name: "rslora" });
    const session = model.session();
    const expected = certain(alone.greedy, alone.greedy_margins, 1e-3);
    for (const choices of [[], [{ name: "rslora" }]]) {
      await draft.setAdapters(choices);
      await model.setAdapters([{ name: "llama-tied-lora" }]);
      const answer = session.generate(alone.input_ids, { maxTokens: expected.length, draft });
      expect((await answer.result()).ids).toEqual(expected);
    }
    session.dispose();
    draft.dispose();
  });

  test("an answer under way keeps the adapters it began with", async () => {
    await model.setAdapters([{ name: "rslora" }]);
    const ids: number[] = [];
    const expected = certain(rslora.greedy, rslora.greedy_margins, 1e-3);
    for await (const chunk of model.generate(rslora.input_ids, { maxTokens: expected.length })) {
      if (ids.length === 0) await model.setAdapters([{ name: "llama-tied-lora" }]);
      ids.push(...chunk.ids);
    }
    expect(ids).toEqual(expected);
    await expectAsPeft(model, alone);
  });

  test("names that are wrong are named", async () => {
    const again = () => model.loadAdapter(fixture("llama-tied-rslora"), { name: "rslora" });
    expect(await failure(again)).toContain('adapter-name: An adapter named "rslora" is loaded already.');
    expect(await failure(() => model.setAdapters([{ name: "rsLora" }]))).toContain(
      'adapter-name: No adapter named "rsLora" is loaded ("llama-tied-lora", "rslora" is).',
    );
    expect(await failure(() => model.setAdapters([{ name: "rslora", weight: Number.NaN }]))).toContain("is NaN;");
    expect(await failure(() => model.setAdapters([{ name: "rslora" }, { name: "rslora" }]))).toContain("twice");
    await expectAsPeft(model, alone); // what acted goes on
  });

  test("switching and disposing give every byte back", async () => {
    const before = gpu.buffers.bytes;
    const other = await Model.load(fixture("llama-tied"), { gpu });
    await other.loadAdapter(fixture("llama-tied-lora"), { name: "lora" });
    await other.forward(alone.input_ids);
    const without = gpu.buffers.bytes;
    await other.setAdapters([{ name: "lora" }]);
    expect(gpu.buffers.bytes).toBe(without + 4 * (3840 + 4 * 6)); // A, B, and a scale a rank
    await other.setAdapters([]);
    expect(gpu.buffers.bytes).toBe(without);
    await other.setAdapters([{ name: "lora", weight: 2 }]);
    other.dispose();
    expect(gpu.buffers.bytes).toBe(before);
  });

  test("an adapter that is unloaded stops acting", async () => {
    await model.unloadAdapter("llama-tied-lora");
    await expectAsPeft(model, expectedOf("llama-tied"));
    expect(await failure(() => model.unloadAdapter("llama-tied-lora"))).toContain("No adapter named");
  });
});

test.each([
  { why: "a software adapter's plan", kind: "software" },
  { why: "a GPU's", kind: "gpu" },
] as const)("an adapter sees inputs in the model's order, beside GPTQ's act-order: $why", async ({ kind }) => {
  const { device, adapter } = await testGpu();
  const gpu = new Gpu(device, { ...adapter, kind });
  const model = await Model.load(fixture("gptq-v2-actorder"), { gpu, tune: "off" });
  const { name } = await model.loadAdapter(fixture("gptq-v2-actorder-lora"));
  await model.setAdapters([{ name }]);
  await expectAsPeft(model, expectedOf("gptq-v2-actorder-lora"));
  model.dispose();
});

test("a worker's models take adapters too", async () => {
  const { port1, port2 } = new MessageChannel();
  serveEngine(port1);
  const engine = await connectEngine(port2);
  const model = await engine.load(fixture("llama-tied"));
  expect(await model.loadAdapter(fixture("llama-tied-lora"), { name: "lora" })).toMatchObject({ modules: 6 });
  await model.setAdapters([{ name: "lora" }]);
  await expectAsPeft(model, alone);
  await expect(model.setAdapters([{ name: "other" }])).rejects.toBeInstanceOf(AdapterError);
  await model.unloadAdapter("lora");
  await expectAsPeft(model, expectedOf("llama-tied"));
  engine.dispose();
  port1.close();
});

describe("adapters that cannot be added", async () => {
  const model = await Model.load(fixture("llama-tied"), { gpu: await testGpu() });
  afterAll(() => model.dispose());
  const file = await readFile(`${fixture("llama-tied-lora")}/adapter_model.safetensors`);
  const config = JSON.parse(await readFile(`${fixture("llama-tied-lora")}/adapter_config.json`, "utf8"));

  const refused: { why: string; changes: object; error: string }[] = [
    { why: "DoRA", changes: { use_dora: true }, error: "adapter-unsupported: a is an adapter with DoRA" },
    { why: "biases", changes: { bias: "all" }, error: 'trained biases (bias is "all")' },
    { why: "whole modules", changes: { modules_to_save: ["lm_head"] }, error: "(modules_to_save)" },
    { why: "IA3", changes: { peft_type: "IA3" }, error: 'peft_type "IA3"' },
    { why: "no rank", changes: { r: 0 }, error: "adapter-config: adapter_config.json of a: r is 0;" },
    { why: "no alpha", changes: { lora_alpha: null }, error: "lora_alpha is null; a number was expected" },
    { why: "a pattern", changes: { rank_pattern: { "(": 2 } }, error: 'rank_pattern is "("; a regular expression' },
    {
      why: "another rank than the tensors'",
      changes: { r: 8 },
      error:
        "adapter-mismatch: base_model.model.model.layers.0.mlp.down_proj.lora_A.weight of a is [4, 192]; [8, 192] was expected",
    },
  ];
  test.each(refused)("$why", async ({ changes, error }) => {
    const source = folder({
      "adapter_config.json": JSON.stringify({ ...config, ...changes }),
      "adapter_model.safetensors": file,
    });
    const found = await failure(() => model.loadAdapter(source, { name: "a" }));
    expect(found).toContain(error);
  });

  test("a folder without an adapter, or without its weights", async () => {
    expect(await failure(() => model.loadAdapter(fixture("llama-tied")))).toContain("adapter-not-found: ");
    const source = folder({ "adapter_config.json": JSON.stringify(config) });
    expect(await failure(() => model.loadAdapter(source, { name: "a" }))).toContain("has no adapter_model.safetensors");
  });

  test("an adapter of another model", async () => {
    const small = fixture("gptq-v2-actorder-lora");
    expect(await failure(() => model.loadAdapter(small))).toContain("The adapter was made for another model.");
  });
});
