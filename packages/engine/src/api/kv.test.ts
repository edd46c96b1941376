import type { KvForm } from "@alambic/kernels";
import { afterAll, expect, test } from "vitest";
import { expectedOf } from "../testing/expected.js";
import { fixture } from "../testing/fixtures.js";
import { testGpu } from "../testing/gpu.js";
import { compareModels } from "./engine.js";
import { Model } from "./model.js";

const gpu = await testGpu();
const { input_ids: ids, greedy } = expectedOf("llama-tied");
const exact = await Model.load(fixture("llama-tied"), { gpu });
afterAll(() => exact.dispose());

// What rounding keys and values may cost, and, so that it is known to happen at all, what it costs at least.
const bounds: Record<Exclude<KvForm, "f32">, readonly [least: number, most: number]> = {
  f16: [1e-12, 1e-5],
  int8: [1e-8, 1e-3],
};

test.each(["f16", "int8"] as const)("an %s cache moves the logits as little as its rounding", async (kv) => {
  const model = await Model.load(fixture("llama-tied"), { gpu, precision: "fast", kv });
  const { mean_kl, top1_agreement } = await compareModels(exact, model, ids);
  const [least, most] = bounds[kv];
  expect(Math.abs(mean_kl)).toBeGreaterThan(least);
  expect(Math.abs(mean_kl)).toBeLessThan(most);
  expect(top1_agreement).toBe(1);
  expect((await model.generate(ids, { maxTokens: 8 }).result()).ids).toEqual(greedy.slice(0, 8));
  const grownBy = (one: Model) =>
    one.planCosts({ prompt: 0, position: 300 }).decode.bytes - one.planCosts({ prompt: 0, position: 100 }).decode.bytes;
  const { kvBytesPer1k } = model.info;
  expect((grownBy(exact) - grownBy(model)) / 200).toBeCloseTo((kvBytesPer1k.f32 - kvBytesPer1k[kv]) / 1024, 6);
  model.dispose();
});

test("fast keeps keys and values in f16, exact in f32, unless told otherwise", async () => {
  const fast = await Model.load(fixture("llama-tied"), { gpu, precision: "fast" });
  const packed = await Model.load(fixture("llama-tied"), { gpu, kv: "int8" });
  expect([exact.info.kv, fast.info.kv, packed.info.kv]).toEqual(["f32", "f16", "int8"]);
  const { layers, kvBytesPer1k } = fast.info;
  expect(kvBytesPer1k.f16).toBe(kvBytesPer1k.f32 / 2);
  expect(kvBytesPer1k.int8).toBeLessThan(kvBytesPer1k.f32 / 2);
  expect(layers).toBe(2);
  fast.dispose();
  packed.dispose();
});

test("a packed cache grows without losing what it holds", async () => {
  const model = await Model.load(fixture("llama-tied"), { gpu, kv: "int8" });
  const long = Array.from({ length: 250 }, (_, i) => 3 + ((i * 37) % 500));
  const whole = await model.generate(long, { maxTokens: 20 }).result();
  const session = model.session();
  const head = await session.generate(long, { maxTokens: 4 }).result();
  const tail = await session.generate([...long, ...head.ids], { maxTokens: 16 }).result();
  expect([...head.ids, ...tail.ids]).toEqual(whole.ids);
  model.dispose();
});

test("a form that is none is refused by name", async () => {
  const loading = Model.load(fixture("llama-tied"), { gpu, kv: "f8" as KvForm });
  await expect(loading).rejects.toThrow('kv is "f8"; it must be f32, f16 or int8.');
});
