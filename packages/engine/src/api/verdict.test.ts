import { expect, test } from "vitest";
import { fixture } from "../testing/fixtures.js";
import { testGpu } from "../testing/gpu.js";
import { filesOf, serveHub } from "../testing/hub-server.js";
import { safetensors } from "../testing/safetensors.js";
import { Model } from "./model.js";
import { hasRoomFor } from "./verdict.js";

test("a verdict counts what a loaded model takes and reads", async () => {
  const gpu = await testGpu();
  const before = gpu.buffers.bytes;
  const { verdict, bytes } = await Model.inspect(fixture("llama-tied"), { gpu });
  expect(gpu.buffers.bytes).toBe(before);
  const { fits, reason, needs, contextLength, tokensPerSecond, roofline, adapter } = verdict!;
  expect(fits).toBe("none");
  expect(reason).toMatch(/^It fits: \d+ MiB with \d+ tokens of context, /);
  expect(adapter).toBe(gpu.adapter);

  const model = await Model.load(fixture("llama-tied"), { gpu });
  expect(contextLength).toBe(model.info.contextLength);
  const { decode } = model.planCosts({ prompt: 1, position: 255 }); // the last of the cache's first step
  model.dispose();
  const { readGBs, gflops, dispatchMicroseconds } = roofline;
  const work = Math.max(decode.bytes / readGBs, decode.flops / gflops) / 1e9;
  expect(1 / tokensPerSecond!.none).toBeCloseTo(work + decode.dispatches * dispatchMicroseconds * 1e-6, 9);

  expect(needs.int4).toBeLessThan(needs.int8);
  expect(needs.int8).toBeLessThan(needs.none);
  expect(needs.none - bytes.none).toBe(needs.int4 - bytes.int4); // cache and activations
  expect(tokensPerSecond!.int4).toBeGreaterThan(0);
});

test("a context that is too long for the machine does not fit, and both numbers are told", async () => {
  const gpu = await testGpu();
  if (gpu.adapter.kind !== "software") return; // a GPU is asked instead, which is the next test
  const files = filesOf(fixture("llama-tied"));
  const config = JSON.parse(new TextDecoder().decode(files["config.json"]));
  const long = JSON.stringify({ ...config, max_position_embeddings: 2 ** 31 });
  const { endpoint } = await serveHub({ files: { ...files, "config.json": long } });
  const url = `${endpoint}/owner/name/resolve/main/`;
  const { verdict } = await Model.inspect(url, { gpu, contextLength: 2 ** 31, cache: false });
  expect(verdict!.fits).toBeNull();
  expect(verdict!.reason).toMatch(
    /^It does not fit: even int4 needs [\d.]+ GiB with 2147483648 tokens of context, and [\d.]+ [GM]iB are free\. Take a smaller model or a shorter context\.$/,
  );
});

test("room is asked for and given back", async () => {
  const gpu = await testGpu();
  expect(await hasRoomFor(gpu, 3_000_001)).toBe(true);
  expect(await hasRoomFor(gpu, 0)).toBe(true);
  gpu.assertHealthy();
});

test("an encoder has no tokens a second", async () => {
  const { verdict } = await Model.inspect(fixture("sentence-bert"), { gpu: await testGpu() });
  expect(verdict!.tokensPerSecond).toBeNull();
  expect(verdict!.fits).toBe("none");
});

test("without a device nothing is judged", async () => {
  expect((await Model.inspect(fixture("llama-tied"))).verdict).toBeUndefined();
});

test("headers of a file take two small reads, however large it is", async () => {
  const files = filesOf(fixture("llama-tied"));
  // As large as a real one to look at: ten million bytes that nobody asks for.
  const weights = Object.fromEntries(
    Array.from({ length: 10 }, (_, i) => [`extra.${i}`, { dtype: "U8", shape: [1e6], data: new Uint8Array(1e6) }]),
  ) as Parameters<typeof safetensors>[0];
  const { endpoint, sent, requests } = await serveHub({
    files: { ...files, "model.safetensors": safetensors(weights) },
  });
  await expect(Model.inspect(`${endpoint}/owner/name/resolve/main/`, { cache: false })).rejects.toThrow(
    "has no tensor",
  );
  expect(sent()).toBeLessThan(70_000);
  const reads = requests.filter((line) => line.startsWith("GET /cdn/model.safetensors"));
  expect(reads).toEqual(["GET /cdn/model.safetensors 0-0", "GET /cdn/model.safetensors 0-65535"]);
});
