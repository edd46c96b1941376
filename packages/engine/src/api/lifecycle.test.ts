import { beforeAll, describe, expect, test } from "vitest";
import { expectedOf } from "../testing/expected.js";
import { fixture } from "../testing/fixtures.js";
import { testGpu } from "../testing/gpu.js";
import { compareModels } from "./engine.js";
import { Model } from "./model.js";

const gpu = await testGpu();
const TIED = fixture("llama-tied");
const { input_ids: ids, greedy } = expectedOf("llama-tied");
let before = 0;
beforeAll(() => {
  before = gpu.buffers.bytes;
});

test("loading twice and disposing gives every byte back", async () => {
  for (let round = 0; round < 2; round++) {
    const model = await Model.load(TIED, { gpu });
    expect(model.info.gpuBytes).toBe(model.info.bytes.none);
    await model.generate(ids, { maxTokens: 3 }).result();
    const session = model.session();
    await session.generate(ids, { maxTokens: 2 }).result();
    await model.forward(ids);
    expect(gpu.buffers.bytes).toBeGreaterThan(before);
    model.dispose();
    expect(gpu.buffers.bytes).toBe(before);
  }
});

test("a load that is aborted gives every byte back and rejects with the reason", async () => {
  const stop = new AbortController();
  const reason = new Error("changed my mind");
  const loading = Model.load(TIED, {
    gpu,
    signal: stop.signal,
    onProgress: ({ phase, loaded }) => {
      if (phase === "weights" && loaded > 50_000) stop.abort(reason);
    },
  });
  await expect(loading).rejects.toBe(reason);
  expect(gpu.buffers.bytes).toBe(before);
});

test("an answer under way when its model is disposed of says so", async () => {
  const model = await Model.load(TIED, { gpu });
  const answer = model.generate(ids, { maxTokens: 400 });
  const reading = async () => {
    for await (const _ of answer) model.dispose();
  };
  await expect(reading()).rejects.toMatchObject({ code: "disposed" });
  expect(gpu.buffers.bytes).toBe(before);
});

test("progress counts the bytes of all weights and ends at the total", async () => {
  const seen: { phase: string; loaded: number; total: number }[] = [];
  const model = await Model.load(TIED, { gpu, tune: "off", onProgress: (progress) => seen.push({ ...progress }) });
  model.dispose();
  const loaded = seen.map((progress) => progress.loaded);
  expect(loaded).toEqual(loaded.toSorted((a, b) => a - b));
  const weights = seen.filter(({ phase }) => phase === "weights");
  expect(weights.at(-1)!.loaded).toBe(weights.at(-1)!.total);
  expect(seen.at(-1)).toEqual({ phase: "ready", loaded: weights.at(-1)!.total, total: weights.at(-1)!.total });
});

test("a load tells how long it was in each phase, and an answer how long its first token took", async () => {
  const model = await Model.load(TIED, { gpu });
  const { phasesMs } = model.report;
  const sum = Object.values(phasesMs).reduce((a, b) => a + b);
  expect(Object.keys(phasesMs)).toEqual(["headers", "tune", "weights", "compile"]);
  expect(Math.abs(sum - model.info.loadMs)).toBeLessThan(50);
  expect(phasesMs.weights).toBeGreaterThan(0);
  const { timing } = await model.generate(ids, { maxTokens: 2 }).result();
  expect(timing.timeToFirstTokenMs).toBeGreaterThan(0);
  model.dispose();
});

test("everything an answer needs is compiled while the weights load", async () => {
  const model = await Model.load(fixture("mlx-8bit-g32"), { gpu });
  const compiled = gpu.pipelines.count;
  await model.generate([...ids, ...ids], { maxTokens: 3 }).result();
  expect(gpu.pipelines.count).toBe(compiled);
  model.dispose();
});

describe("a loaded model", async () => {
  const model = await Model.load(TIED, { gpu });
  beforeAll(() => () => model.dispose());

  test("a generation aborted half way leaves the next one whole", async () => {
    const session = model.session();
    const stop = new AbortController();
    const seen: number[] = [];
    let finish: string | undefined;
    for await (const chunk of session.generate(ids, { maxTokens: 20, signal: stop.signal })) {
      seen.push(...chunk.ids);
      if (seen.length === 5) stop.abort();
      finish = chunk.finishReason ?? finish;
    }
    expect(finish).toBe("abort");
    expect(seen).toEqual(greedy.slice(0, 5));
    const next = await session.generate(ids, { maxTokens: 10 }).result();
    expect(next.ids).toEqual(greedy.slice(0, 10));
    session.dispose();
  });

  test("a prompt can be stopped half way, and leaves the next call whole", async () => {
    const session = model.session();
    const long = Array.from({ length: 500 }, (_, i) => 3 + ((i * 37) % 500));
    const stop = new AbortController();
    const { submits } = gpu.executor.counts;
    const answering = session.generate(long, { signal: stop.signal }).result();
    while (gpu.executor.counts.submits === submits) await new Promise(setImmediate);
    stop.abort();
    const { ids: none, finishReason } = await answering;
    expect(finishReason).toBe("abort");
    // Four passes would be the whole prompt; only a real GPU is given so many ahead.
    if (gpu.adapter.kind === "software") expect(gpu.executor.counts.submits - submits).toBeLessThan(4);
    expect(none.length).toBeLessThan(2);
    const next = await session.generate(ids, { maxTokens: 10 }).result();
    expect(next.ids).toEqual(greedy.slice(0, 10));
    session.dispose();
  });

  test("a consumer that stops reading leaves the next call whole", async () => {
    const session = model.session();
    for await (const _ of session.generate(ids, { maxTokens: 20 })) break;
    expect((await session.generate(ids, { maxTokens: 10 }).result()).ids).toEqual(greedy.slice(0, 10));
    session.dispose();
  });

  test("a longer prompt reuses what the session has computed, and answers the same", async () => {
    const session = model.session();
    await session.generate(ids, { maxTokens: 6 }).result();
    const next = await session.generate([...ids, ...greedy.slice(0, 6)], { maxTokens: 6 }).result();
    expect(next.usage.cachedTokens).toBe(ids.length + 5); // the sixth was sampled but not yet computed
    expect(next.ids).toEqual(greedy.slice(6, 12));
    session.dispose();
  });

  test("sessions interleave without disturbing each other", async () => {
    const other = ids.toReversed();
    const alone = await model.generate(other, { maxTokens: 12 }).result();
    const [first, second] = await Promise.all([
      model.generate(ids, { maxTokens: 12 }).result(),
      model.generate(other, { maxTokens: 12 }).result(),
    ]);
    expect(first.ids).toEqual(greedy.slice(0, 12));
    expect(second.ids).toEqual(alone.ids);
  });

  test("the cache grows past its first step without changing the answer", async () => {
    const long = Array.from({ length: 250 }, (_, i) => 3 + ((i * 37) % 500));
    const whole = await model.generate(long, { maxTokens: 40 }).result();
    const session = model.session();
    const head = await session.generate(long, { maxTokens: 4 }).result();
    const tail = await session.generate([...long, ...head.ids], { maxTokens: 36 }).result();
    expect([...head.ids, ...tail.ids]).toEqual(whole.ids);
    session.dispose();
  });

  test("a prompt longer than the context is refused with both numbers", async () => {
    const long = Array.from({ length: 513 }, () => 5);
    await expect(model.generate(long).result()).rejects.toMatchObject({
      code: "context-overflow",
      needed: 513,
      available: 512,
    });
  });

  test("generation that reaches the end of the context finishes with length", async () => {
    const prompt = Array.from({ length: 508 }, (_, i) => 3 + (i % 400));
    const generation = await model.generate(prompt).result();
    expect(generation.finishReason).toBe("length");
    expect(generation.ids).toHaveLength(4);
  });

  test("ids outside the vocabulary are refused", async () => {
    const refusal = "Token id 512 is outside the vocabulary, 0 to 511.";
    await expect(model.generate([1, 512]).result()).rejects.toThrow(refusal);
    await expect(model.forward([1, 512])).rejects.toThrow(refusal);
    await expect(compareModels(model, model, [1, 512])).rejects.toThrow(refusal);
  });

  test("a text without a token has no logits and no distance", async () => {
    await expect(model.forward([])).rejects.toThrow("The text is empty: it needs at least one token.");
    await expect(compareModels(model, model, [])).rejects.toThrow("The text is empty: it needs at least one token.");
  });

  test("a prompt that fills the context is told that an answer needs room", async () => {
    const full = Array.from({ length: 512 }, () => 5);
    await expect(model.generate(full).result()).rejects.toThrow(
      "The prompt is 512 tokens long; the context holds 512, and an answer needs room for one more. Shorten it",
    );
  });

  test("the same seed samples the same tokens, another seed others", async () => {
    const sampled = (seed: number) => model.generate(ids, { maxTokens: 12, temperature: 1.5, seed }).result();
    const [first, again, other] = [await sampled(7), await sampled(7), await sampled(8)];
    expect(again.ids).toEqual(first.ids);
    expect(other.ids).not.toEqual(first.ids);
  });

  test("a token is one submit and one pass, and makes nothing new", async () => {
    const session = model.session();
    await session.generate(ids, { maxTokens: 2 }).result();
    const counts = { ...gpu.executor.counts, buffers: gpu.buffers.count, pipelines: gpu.pipelines.count };
    const { ids: answer } = await session.generate(ids, { maxTokens: 10 }).result();
    expect(answer).toHaveLength(10);
    expect(gpu.executor.counts.submits - counts.submits).toBe(10);
    expect(gpu.executor.counts.passes - counts.passes).toBe(10);
    expect(gpu.executor.counts.bindGroups).toBe(counts.bindGroups);
    expect(gpu.buffers.count).toBe(counts.buffers);
    expect(gpu.pipelines.count).toBe(counts.pipelines);
    session.dispose();
  });

  test("a model compared with itself is at no distance", async () => {
    const { positions, mean_kl, top1_agreement } = await compareModels(model, model, ids);
    expect(positions).toHaveLength(ids.length);
    expect(Math.abs(mean_kl)).toBeLessThan(1e-6);
    expect(top1_agreement).toBe(1);
  });

  test("two models live on one device", async () => {
    const second = await Model.load(fixture("llama3-rope"), { gpu });
    const expected = expectedOf("llama3-rope");
    const [a, b] = await Promise.all([
      model.generate(ids, { maxTokens: 8 }).result(),
      second.generate(expected.input_ids, { maxTokens: 8 }).result(),
    ]);
    expect(a.ids).toEqual(greedy.slice(0, 8));
    expect(b.ids).toEqual(expected.greedy.slice(0, 8));
    const { positions, mean_kl } = await compareModels(model, second, ids);
    const [teacher, student] = [await model.forward(ids), await second.forward(ids)];
    const kls = teacher.logits.map((row, position) => klDivergence(row, student.logits[position]!));
    for (const [position, kl] of kls.entries()) expect(positions[position]!.kl).toBeCloseTo(kl, 4);
    expect(mean_kl).toBeCloseTo(kls.reduce((a, b) => a + b) / kls.length, 4);
    second.dispose();
  });
});

function klDivergence(teacher: Float32Array, student: Float32Array): number {
  const logTotal = (row: Float32Array) => Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0));
  const [p, q] = [logTotal(teacher), logTotal(student)];
  return teacher.reduce((sum, logit, i) => sum + Math.exp(logit - p) * (logit - p - (student[i]! - q)), 0);
}
