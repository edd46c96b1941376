import { afterAll, expect, test } from "vitest";
import { fixture } from "../testing/fixtures.js";
import { testGpu } from "../testing/gpu.js";
import { Model } from "./model.js";

const gpu = await testGpu();
const model = await Model.load(fixture("llama-tied"), { gpu });
afterAll(() => model.dispose());

test("counts what a prompt and its tokens really dispatch", async () => {
  const prompt = Array.from({ length: 140 }, (_, i) => i); // a whole chunk and a part of one
  const { dispatches: before } = gpu.executor.counts;
  await model.generate(prompt, { maxTokens: 3, ignoreEos: true }).result();
  const { prefill, decode } = model.planCosts({ prompt: 140, position: 141 });
  expect(gpu.executor.counts.dispatches - before).toBe(prefill.dispatches + 2 * decode.dispatches);
});

test("a token reads every weight once, and each position's keys and values", () => {
  const at = (position: number) => model.planCosts({ prompt: 0, position }).decode;
  const { layers, kvBytesPer1k, gpuBytes } = model.info;
  expect(at(0).bytes).toBeGreaterThan(gpuBytes);
  expect(at(0).bytes).toBeLessThan(1.5 * gpuBytes); // activations are not nothing in so small a model
  const grown = at(300).bytes - at(100).bytes;
  expect(grown).toBeGreaterThanOrEqual((200 * kvBytesPer1k.f32) / 1024);
  expect(grown).toBeLessThan((1.5 * 200 * kvBytesPer1k.f32) / 1024);
  expect(layers).toBe(2);
});

test("two operations a weight, for a token as for a prompt", () => {
  const { parameters } = model.info;
  const { prefill, decode } = model.planCosts({ prompt: 64, position: 0 });
  expect(decode.flops).toBeGreaterThan(2 * parameters.total); // the tied embedding is the head
  expect(decode.flops).toBeLessThan(2.6 * parameters.total);
  expect(prefill.flops).toBeGreaterThan(64 * 2 * (parameters.total - parameters.embedding));
});

test("nothing stays allocated", () => {
  const { bytes, count } = gpu.buffers;
  model.planCosts({ prompt: 500, position: 500 });
  expect({ bytes: gpu.buffers.bytes, count: gpu.buffers.count }).toEqual({ bytes, count });
});
