import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { nodeHubStore } from "../sources/cache/node-hub-store.js";
import { hub } from "../sources/hub.js";
import { expectedOf } from "../testing/expected.js";
import { failure } from "../testing/failure.js";
import { fixture } from "../testing/fixtures.js";
import { testGpu } from "../testing/gpu.js";
import { filesOf, type HubServerOptions, serveHub } from "../testing/hub-server.js";
import { Model } from "./model.js";

const FILES = filesOf(fixture("llama-tied"));
const WEIGHTS = FILES["model.safetensors"]!;

async function setUp(options: Partial<HubServerOptions> = {}) {
  const server = await serveHub({ files: FILES, ...options });
  const folder = mkdtempSync(join(tmpdir(), "alambic-load-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const open = (more = {}) =>
    hub("owner/name", { endpoint: server.endpoint, store: nodeHubStore(folder), pause: 1, ...more });
  return { ...server, open };
}

async function greedy(model: Model): Promise<readonly number[]> {
  const { input_ids, greedy } = expectedOf("llama-tied");
  return (await model.generate(input_ids, { maxTokens: greedy.length, ignoreEos: true }).result()).ids;
}

test("a model comes over the network once, answers the same from the cache, and then with no network", async () => {
  const gpu = await testGpu();
  const held = gpu.buffers.bytes;
  const { open, sent } = await setUp();
  const ids: (readonly number[])[] = [];
  for (const { source, atLeast, atMost } of [
    // Headers are read before it is known that the model will be loaded, so they come twice.
    { source: open(), atLeast: WEIGHTS.length, atMost: 1.5 * WEIGHTS.length + 100_000 },
    { source: open(), atLeast: 0, atMost: 2_000 },
    { source: open({ offline: true }), atLeast: 0, atMost: 0 },
  ]) {
    const before = sent();
    const model = await Model.load(source, { gpu });
    expect(sent() - before).toBeGreaterThanOrEqual(atLeast);
    expect(sent() - before).toBeLessThanOrEqual(atMost);
    expect(model.info.traffic?.problem).toBeUndefined();
    ids.push(await greedy(model));
    model.dispose();
  }
  expect(ids[0]).toEqual(expectedOf("llama-tied").greedy);
  expect(ids[1]).toEqual(ids[0]);
  expect(ids[2]).toEqual(ids[0]);
  expect(gpu.buffers.bytes).toBe(held);
});

test("a wrong hash fails the load, although every byte had arrived", async () => {
  const gpu = await testGpu();
  const held = gpu.buffers.bytes;
  const { open } = await setUp({ hashes: { "model.safetensors": "0".repeat(64) } });
  expect(await failure(() => Model.load(open(), { gpu }))).toContain(
    "source-wrong-bytes: model.safetensors from owner/name has the hash",
  );
  expect(gpu.buffers.bytes).toBe(held);
});
