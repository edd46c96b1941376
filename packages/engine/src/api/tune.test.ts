import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Choices } from "@alambic/kernels";
import { expect, test } from "vitest";
import type { TuningCache } from "../runtime/tuning.js";
import { fileCache } from "../runtime/tuning-cache.js";
import { certain, expectedOf } from "../testing/expected.js";
import { fixture } from "../testing/fixtures.js";
import { testGpu } from "../testing/gpu.js";
import { Model } from "./model.js";

const NAME = "mlx-4bit-g64";
const expected = expectedOf(NAME);
const greedy = certain(expected.greedy, expected.greedy_margins, 1e-3).slice(0, 8);

function memoryCache(): TuningCache & { readonly kept: Map<string, Choices> } {
  const kept = new Map<string, Choices>();
  return {
    kept,
    get: async (adapter) => kept.get(adapter) ?? {},
    set: async (adapter, choices) => void kept.set(adapter, choices),
  };
}

test("a load that tunes answers the same, reports it, and spares the next load the search", async () => {
  const gpu = await testGpu();
  const before = gpu.buffers.bytes;
  const tuningCache = memoryCache();
  const phases: string[] = [];
  const onProgress = ({ phase }: { phase: string }) => phases.push(phase);
  const first = await Model.load(fixture(NAME), { gpu, tune: "cached", tuningCache, onProgress });
  const { variants, dropped, untried, tuningMs } = first.report;
  expect(dropped).toEqual([]);
  expect(tuningMs).toBeGreaterThan(0);
  expect(tuningMs).toBeLessThan(4000); // 2 seconds, and what was under way
  // Every hot op is there, chosen or left for the next load: qkv, attention, output projection, gate and up, down, head; and prefill.
  const ops = [...Object.keys(variants), ...untried].map((key) => key.split(" ")[0]);
  expect(new Set(ops)).toEqual(new Set(["qkv", "attentionDecode", "matvec", "gateUp", "matmul", "attentionPrefill"]));
  expect(new Set(phases)).toContain("tune");
  expect((await first.generate(expected.input_ids, { maxTokens: greedy.length }).result()).ids).toEqual(greedy);
  first.dispose();

  // What is known is used as it stands: here, made to differ from any default.
  const [[adapter, known]] = [...tuningCache.kept] as [[string, Choices]];
  expect(adapter).toContain(gpu.adapter.name);
  const other = { matmul: "tile-32x32x32", attentionDecode: "split-64x1", attentionPrefill: "tile-16x16" } as const;
  const otherOf = (key: string) => other[key.split(" ")[0] as keyof typeof other] ?? "spans-8x64";
  const changed = Object.fromEntries(Object.keys(known).map((key) => [key, otherOf(key)]));
  await tuningCache.set(adapter, changed);
  const second = await Model.load(fixture(NAME), { gpu, tune: "cached", tuningCache });
  for (const key of Object.keys(variants)) expect(second.report.variants[key]).toBe(otherOf(key));
  if (untried.length === 0) expect(second.report.tuningMs).toBe(0);
  expect((await second.generate(expected.input_ids, { maxTokens: greedy.length }).result()).ids).toEqual(greedy);
  second.dispose();
  expect(gpu.buffers.bytes).toBe(before);
});

test("nothing is searched for when tuning is off", async () => {
  const tuningCache = memoryCache();
  const model = await Model.load(fixture(NAME), { gpu: await testGpu(), tune: "off", tuningCache });
  expect(model.report).toMatchObject({ variants: {}, dropped: [], untried: [], tuningMs: 0 });
  expect(tuningCache.kept.size).toBe(0);
  model.dispose();
});

test("a load stopped while it tunes rejects with the reason and gives everything back", async () => {
  const gpu = await testGpu();
  const before = gpu.buffers.bytes;
  const stop = new AbortController();
  const reason = new Error("no time");
  const onProgress = ({ phase }: { phase: string }) => {
    if (phase === "tune") stop.abort(reason);
  };
  const options = { gpu, tune: "full", tuningCache: memoryCache(), signal: stop.signal, onProgress } as const;
  await expect(Model.load(fixture(NAME), options)).rejects.toBe(reason);
  expect(gpu.buffers.bytes).toBe(before);
});

test("the file of choices keeps adapters apart, and survives what is not one", async () => {
  const folder = await mkdtemp(join(tmpdir(), "alambic-tuning-"));
  const file = join(folder, "deep", "tuning.json");
  const cache = fileCache(file);
  expect(await cache.get("a")).toEqual({});
  await cache.set("a", { "matvec 1": "rows" });
  await cache.set("b", { "matvec 1": "spans-8x64" });
  expect(await fileCache(file).get("a")).toEqual({ "matvec 1": "rows" });
  expect(JSON.parse(await readFile(file, "utf8"))).toEqual({
    a: { "matvec 1": "rows" },
    b: { "matvec 1": "spans-8x64" },
  });
  await writeFile(file, '{"a": {"matvec 1": 7}, "b": ');
  expect(await cache.get("a")).toEqual({});
  await writeFile(file, '{"a": {"matvec 1": 7, "matvec 2": "rows"}}');
  expect(await cache.get("a")).toEqual({ "matvec 2": "rows" });
  await rm(folder, { recursive: true });
});
