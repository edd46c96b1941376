import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Gpu, openGpu } from "@alambic/engine";
import { beforeAll, expect, test } from "vitest";
import { checkpoint, synthetic } from "./ladder.js";
import type { BenchReport, BenchSettings } from "./report.js";
import { type BenchProgress, runBench } from "./run.js";
import { workloads } from "./workload.js";

const LLAMA = fileURLToPath(new URL("../../../engine/fixtures/llama-tied", import.meta.url));
const { input_ids, greedy } = JSON.parse(readFileSync(`${LLAMA}/expected.json`, "utf8"));
const reference = { prompt: input_ids, ids: greedy.slice(0, 6) };
const settings: BenchSettings = {
  repetitions: 2,
  budgetSeconds: 600,
  workloads: workloads([16], [4], [0]),
  quality: false,
};
const tiny = {
  model_type: "llama",
  vocab_size: 512,
  hidden_size: 64,
  intermediate_size: 192,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  tie_word_embeddings: true,
  max_position_embeddings: 512,
};

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openGpu({ defaultLimits: true });
  console.info(`tests run on: ${gpu.adapter.name} (${gpu.adapter.kind})`);
});

function run(candidates: Parameters<typeof runBench>[1], changes: Partial<BenchSettings> = {}): Promise<BenchReport> {
  return runBench(gpu, candidates, { settings: { ...settings, ...changes }, runtime: "vitest" });
}

test("rows of a real checkpoint, its answer checked, and of a synthetic model, after each context", async () => {
  const seen: BenchProgress[] = [];
  const grown: number[] = [];
  const before = gpu.buffers.bytes;
  const candidates = [checkpoint("llama-tied", LLAMA, { reference }), synthetic("random", tiny)];
  const report = await runBench(gpu, candidates, {
    settings: { ...settings, workloads: workloads([16], [4], [0, 20]) },
    runtime: "vitest",
    onProgress: (progress) => seen.push(progress),
    onReport: ({ rows }) => grown.push(rows.length),
  });
  expect(grown).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(report).toMatchObject({ adapter: gpu.adapter, rejected: [], skipped: [], quality: [] });
  const tests = ["pp16 0", "tg4 0", "pp16 20", "tg4 20"];
  expect(report.rows.map(({ model, kind, tokens, depth }) => `${model} ${kind}${tokens} ${depth}`)).toEqual(
    ["llama-tied", "random"].flatMap((model) => tests.map((each) => `${model} ${each}`)),
  );
  for (const row of report.rows) {
    expect(row.tokensPerSecond.samples).toHaveLength(2);
    for (const value of [row.tokensPerSecond.mean, row.share, row.cpuMicroseconds, row.dispatches, row.bytes]) {
      expect(value).toBeGreaterThan(0);
    }
    expect(row.share).toBeLessThan(1);
    expect(row.check).toBe(row.synthetic ? "runs" : "runs and reference");
  }
  expect(report.loads!.map(({ model, phasesMs }) => [model, phasesMs.weights > 0])).toEqual([
    ["llama-tied", true],
    ["random", true],
  ]);
  const phases = seen
    .filter(({ model, test }) => model === "llama-tied" && (!test || test === "pp16"))
    .map(({ phase }) => phase);
  expect(phases).toEqual(["load", "check", "warm-up", "run", "run"]);
  expect(gpu.buffers.bytes).toBe(before);
});

test("no row for a model that answers wrongly, and the others are measured", async () => {
  const wrong = { ...reference, ids: [...reference.ids.slice(0, 5), 511] };
  const report = await run([checkpoint("wrong", LLAMA, { reference: wrong }), checkpoint("right", LLAMA)], {
    workloads: workloads([], [2], [0]),
  });
  expect(report.rows.map(({ model }) => model)).toEqual(["right"]);
  expect(report.rejected).toEqual([
    {
      model: "wrong",
      test: "all",
      reason: { code: "reference", expected: wrong.ids, found: reference.ids },
    },
  ]);
});

test("what is not there, is too long, too large or does not fit the budget is listed", async () => {
  const report = await run([checkpoint("nowhere", "/nowhere"), checkpoint("llama-tied", LLAMA)], {
    workloads: workloads([600], [100_000], [0]),
  });
  expect(report.rows).toEqual([]);
  expect(report.rejected).toMatchObject([
    { model: "nowhere", test: "all", reason: { code: "error", kind: expect.stringMatching(/^(source|checkpoint)-/) } },
  ]);
  expect(report.skipped.map(({ test, reason }) => [test, reason])).toEqual([
    ["pp600", { code: "context", needs: 601, most: 512 }],
    ["tg100000", { code: "context", needs: 100_002, most: 512 }],
  ]);
  const small = await run([synthetic("random", tiny)], { mostBytes: 1000 });
  for (const { reason } of small.skipped) expect(reason).toMatchObject({ code: "memory", most: 1000 });
  expect(small.skipped).toHaveLength(2);
  const short = await run([synthetic("random", tiny)], { budgetSeconds: 0.001 });
  expect(short.rows).toEqual([]);
  for (const { reason, estimateSeconds } of short.skipped) {
    expect(reason).toEqual({ code: "budget" });
    expect(estimateSeconds).toBeGreaterThan(0);
  }
});

test("stopped: what was measured is kept", async () => {
  const stop = new AbortController();
  const report = await runBench(gpu, [checkpoint("llama-tied", LLAMA), synthetic("random", tiny)], {
    settings,
    runtime: "vitest",
    signal: stop.signal,
    onProgress: ({ test, run: at }) => {
      if (test === "tg4" && at === 2) stop.abort();
    },
  });
  expect(report.rows.map(({ kind }) => kind)).toEqual(["pp"]);
  expect(report.rejected).toEqual([]);
  expect(report.skipped.map(({ model, test, reason }) => `${model} ${test} ${reason.code}`)).toEqual([
    "llama-tied tg4 stopped",
    "random pp16 stopped",
    "random tg4 stopped",
  ]);
});
