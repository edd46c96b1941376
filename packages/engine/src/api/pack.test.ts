import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { nodeFolder } from "../sources/node-fs.js";
import { expectedOf } from "../testing/expected.js";
import { fixture } from "../testing/fixtures.js";
import { testGpu } from "../testing/gpu.js";
import { filesOf, serveHub } from "../testing/hub-server.js";
import { folder } from "../testing/safetensors.js";
import { openCheckpoint } from "../weights/safetensors.js";
import { Model } from "./model.js";
import type { Quantize } from "./types.js";

const NAME = "llama-tied";
const FILES = filesOf(fixture(NAME));

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "alambic-packed-"));
  const made = home;
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  vi.stubEnv("XDG_CACHE_HOME", home);
});
afterAll(() => {
  vi.unstubAllEnvs();
});

const packed = () => readdirSync(join(home, "alambic/packed"));

async function logitsOf(model: Model): Promise<Float32Array> {
  const { logits } = await model.forward(expectedOf(NAME).input_ids);
  return logits.at(-1)!;
}

/** Counts bytes of a folder that were read. */
function counted(path = fixture(NAME)) {
  const source = nodeFolder(path);
  let bytes = 0;
  const read: typeof source.read = async (file, options) => {
    const found = await source.read(file, options);
    bytes += found.length;
    return found;
  };
  return { source: { ...source, read }, bytes: () => bytes };
}

test.each<Quantize>(["int4", "int8"])("a second start reads what %s left, and computes the same", async (quantize) => {
  const gpu = await testGpu();
  const first = await Model.load(fixture(NAME), { gpu, quantize, cache: true });
  const expected = await logitsOf(first);
  expect(first.info.traffic).toEqual({ fetched: 0, cached: 0 });
  first.dispose();
  expect(packed().length).toBe(2);

  const { source, bytes } = counted();
  const phases: number[] = [];
  const second = await Model.load(source, {
    gpu,
    quantize,
    cache: true,
    onProgress: ({ phase, loaded, total }) => phase === "weights" && phases.push(loaded / total),
  });
  expect(await logitsOf(second)).toEqual(expected);
  // Of the checkpoint, config, header and whatever else is small; of the weights, a quarter to a half.
  const weights = FILES["model.safetensors"]!.length;
  expect(bytes()).toBeLessThan(70_000);
  expect(second.info.traffic!.cached).toBeLessThan((quantize === "int4" ? 0.48 : 0.62) * weights);
  expect(phases.at(-1)).toBeCloseTo(1, 1);
  expect(second.info.gpuBytes).toBe(first.info.gpuBytes);
  second.dispose();
  expect(gpu.buffers.bytes).toBe(0);
});

test("what is kept is safetensors", async () => {
  const gpu = await testGpu();
  (await Model.load(fixture(NAME), { gpu, quantize: "int4", cache: true })).dispose();
  const name = packed().find((file) => file.endsWith(".safetensors"))!;
  const bytes = new Uint8Array(readFileSync(join(home, "alambic/packed", name)));
  const { tensors } = await openCheckpoint(folder({ "model.safetensors": bytes }));
  expect(tensors.get("model.layers.0.mlp.down_proj.weight.groups")).toMatchObject({ dtype: "U32", shape: [64, 3] });
  expect(tensors.get("model.norm.weight")).toMatchObject({ dtype: "F32", shape: [64] });
});

test("other settings, other files: packed anew", async () => {
  const gpu = await testGpu();
  const copy = mkdtempSync(join(tmpdir(), "alambic-copy-"));
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
  for (const [path, body] of Object.entries(FILES)) writeFileSync(join(copy, path), body);
  for (const [from, quantize] of [
    [copy, "int4"],
    [copy, "int8"],
    [fixture(NAME), "int4"],
  ] as const) {
    (await Model.load(from, { gpu, quantize, cache: true })).dispose();
  }
  expect(packed().filter((name) => name.endsWith(".json")).length).toBe(3);
  writeFileSync(join(copy, "model.safetensors"), FILES["model.safetensors"]!); // the same bytes, but who knows
  const before = packed();
  (await Model.load(copy, { gpu, quantize: "int4", cache: true })).dispose();
  expect(packed().length).toBe(before.length); // in the place of what it was before
  expect(packed()).not.toEqual(before);
});

test("damage is noticed, and the checkpoint read instead", async () => {
  const gpu = await testGpu();
  const first = await Model.load(fixture(NAME), { gpu, quantize: "int4", cache: true });
  const expected = await logitsOf(first);
  first.dispose();
  const path = join(home, "alambic/packed", packed().find((file) => file.endsWith(".safetensors"))!);
  const bytes = readFileSync(path);
  bytes[bytes.length - 5]! ^= 4;
  writeFileSync(path, bytes);
  const second = await Model.load(fixture(NAME), { gpu, quantize: "int4", cache: true });
  expect(await logitsOf(second)).toEqual(expected);
  expect(second.info.traffic!.cached).toBe(0);
  second.dispose();
  expect(gpu.buffers.bytes).toBe(0);
  expect(readFileSync(path)).not.toEqual(bytes); // written anew
});

test("a folder is not packed unasked, nor without quantising, nor what is packed already", async () => {
  const gpu = await testGpu();
  (await Model.load(fixture(NAME), { gpu, quantize: "int4" })).dispose();
  (await Model.load(fixture(NAME), { gpu, cache: true })).dispose();
  (await Model.load(fixture("mlx-4bit-g64"), { gpu, quantize: "int4", cache: true })).dispose();
  expect(() => packed()).toThrow("ENOENT");
});

test("a load that is stopped leaves nothing that looks whole", async () => {
  const gpu = await testGpu();
  const stop = new AbortController();
  const load = Model.load(fixture(NAME), {
    gpu,
    quantize: "int4",
    cache: true,
    signal: stop.signal,
    onProgress: ({ phase, loaded, total }) =>
      phase === "weights" && loaded > total / 2 && stop.abort(new Error("enough")),
  });
  await expect(load).rejects.toThrow("enough");
  expect(packed()).toEqual([]);
});

test("a cache that cannot be written is told, and the load goes on", async () => {
  const gpu = await testGpu();
  writeFileSync(join(home, "alambic"), "");
  const model = await Model.load(fixture(NAME), { gpu, quantize: "int4", cache: true });
  expect(model.info.traffic!.problem).toContain("could not be written");
  model.dispose();
});

test("over HTTP, a second start fetches headers and reads the rest from disk", async () => {
  const gpu = await testGpu();
  const { endpoint, sent } = await serveHub({ files: FILES });
  const load = () => Model.load(`${endpoint}/owner/name/resolve/main/`, { gpu, quantize: "int4" });
  const first = await load();
  const before = sent();
  const second = await load();
  expect(await logitsOf(second)).toEqual(await logitsOf(first));
  expect(sent() - before).toBeLessThan(70_000);
  first.dispose();
  second.dispose();
});
