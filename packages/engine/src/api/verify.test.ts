import { OutOfMemoryError } from "@alambic/kernels";
import { expect, test, vi } from "vitest";
import { expectedOf } from "../testing/expected.js";
import { failure } from "../testing/failure.js";
import { fixture } from "../testing/fixtures.js";
import { testGpu } from "../testing/gpu.js";
import { Model } from "./model.js";
import { verify } from "./verify.js";

const gpu = await testGpu();
const { input_ids: ids, logits } = expectedOf("llama-tied");
const TIED = fixture("llama-tied");

function logSoftmax(row: ArrayLike<number>): number[] {
  const largest = Math.max(...Array.from(row));
  const sum = Math.log(Array.from(row).reduce((all, logit) => all + Math.exp(logit - largest), 0));
  return Array.from(row, (logit) => logit - largest - sum);
}

test.each(["int8", "int4"] as const)("%s: the divergence from what transformers predicts", async (quantize) => {
  const before = gpu.buffers.bytes;
  const found = await verify(TIED, { gpu, quantize, ids });
  expect(gpu.buffers.bytes).toBe(before);

  const model = await Model.load(TIED, { gpu, quantize });
  const quantised = (await model.forward(ids)).logits.map(logSoftmax);
  model.dispose();
  const exact = logits.map(logSoftmax);
  const kls = exact.map((p, t) => p.reduce((sum, logP, v) => sum + Math.exp(logP) * (logP - quantised[t]![v]!), 0));
  const best = (row: readonly number[]) => row.indexOf(Math.max(...row));
  const agreed = exact.filter((row, t) => best(row) === best(quantised[t]!)).length;
  const perplexity = (rows: readonly (readonly number[])[]) =>
    Math.exp(-ids.slice(1).reduce((sum, id, t) => sum + rows[t]![id]!, 0) / (ids.length - 1));

  expect(found).toMatchObject({ model: "llama-tied", reference: "llama-tied", quantize, tokens: ids.length });
  expect(found.mean_kl).toBeGreaterThan(quantize === "int4" ? 1e-3 : 1e-6);
  expect(found.mean_kl).toBeCloseTo(kls.reduce((sum, kl) => sum + kl, 0) / kls.length, 3);
  expect(found.max_kl).toBeCloseTo(Math.max(...kls), 3);
  expect(found.top1_agreement).toBeCloseTo(agreed / ids.length, 5);
  expect(found.perplexity / perplexity(quantised)).toBeCloseTo(1, 3);
  expect(found.reference_perplexity / perplexity(exact)).toBeCloseTo(1, 3);
  expect(found.bytes.model).toBeLessThan(found.bytes.reference);
});

test("a text longer than a window, and a model that is its own reference", async () => {
  const long = Array.from({ length: 30 }, () => ids).flat();
  const found = await verify(TIED, { gpu, reference: TIED, ids: long });
  expect(found).toMatchObject({ quantize: "none", tokens: long.length, top1_agreement: 1 });
  expect(found.max_kl).toBeLessThan(1e-5);
});

test.each([
  {
    why: "a checkpoint that comes quantised",
    run: () => verify(fixture("gptq-whole"), { gpu, ids: [1, 2] }),
    error: "comes quantised: beside its own weights it would agree by construction, which proves nothing.",
  },
  {
    why: "a reference that is quantised",
    run: () => verify(TIED, { gpu, reference: fixture("mlx-4bit-g64"), ids: [1, 2] }),
    error: "is itself quantised. Name a checkpoint in bf16, f16 or f32.",
  },
  {
    why: "nothing to quantise",
    run: () => verify(TIED, { gpu, quantize: "none", ids: [1, 2] }),
    error: "Nothing would be quantised.",
  },
])("refused: $why", async ({ run, error }) => {
  const found = await failure(run);
  expect(found).toContain("verify-reference: ");
  expect(found).toContain(error);
});

test("two models that do not fit together are told apart from one that does not", async () => {
  const before = gpu.buffers.bytes;
  const full = vi.spyOn(gpu.buffers, "settled").mockRejectedValueOnce(new OutOfMemoryError("no room"));
  const found = await failure(() => verify(TIED, { gpu, ids: [1, 2] }));
  full.mockRestore();
  expect(found).toMatch(/^verify-memory: The two do not fit this device together: the reference takes \d+ MiB/);
  expect(gpu.buffers.bytes).toBe(before);
});
