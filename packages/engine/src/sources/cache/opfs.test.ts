import { fileURLToPath } from "node:url";
import { launchBrowser, type WebGpuBrowser } from "@alambic/testing/browser";
import type { Page } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type HubServerOptions, serveHub, sha256 } from "../../testing/hub-server.js";
import type { OpfsAnswer, OpfsRequest } from "../../testing/opfs-entry.js";
import { PART_BYTES } from "./store.js";

const WEIGHTS = Uint8Array.from({ length: PART_BYTES + 54_321 }, (_, i) => (i * 11 + (i >> 7)) % 253);
const FILES = { "config.json": "{}", "model.safetensors": WEIGHTS };
const path = "model.safetensors";
const right = { bytes: WEIGHTS.length, sha256: sha256(WEIGHTS) };

let running: WebGpuBrowser;
let code: string;

beforeAll(async () => {
  const built = await build({
    configFile: false,
    logLevel: "warn",
    resolve: { conditions: ["alambic-source", "browser"] },
    build: {
      write: false,
      target: "es2023",
      lib: {
        entry: fileURLToPath(new URL("../../testing/opfs-entry.ts", import.meta.url)),
        formats: ["iife"],
        name: "entry",
      },
    },
  });
  const [{ output }] = built as { output: { code: string }[] }[] as [{ output: [{ code: string }] }];
  code = output[0].code;
  running = await launchBrowser();
  console.info(`tests run in: ${running.description}`);
});
afterAll(async () => running?.browser.close());

let page: Page;

type Place = "page" | "worker";

/** Asks on the page itself, or in a worker that is made for it and ends with it. */
function ask(place: Place, request: OpfsRequest): Promise<OpfsAnswer> {
  if (place === "page") {
    return page.evaluate(
      (asked) =>
        (globalThis as unknown as { opfsAnswer: (request: OpfsRequest) => Promise<OpfsAnswer> }).opfsAnswer(asked),
      request,
    );
  }
  return page.evaluate(
    ({ asked, script }) =>
      new Promise<OpfsAnswer>((resolve, reject) => {
        const worker = new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
        worker.onmessage = ({ data }) => {
          worker.terminate();
          resolve(data as OpfsAnswer);
        };
        worker.onerror = ({ message }) => reject(new Error(message));
        worker.postMessage(asked);
      }),
    { asked: request, script: code },
  );
}

async function setUp(options: Partial<HubServerOptions> = {}) {
  const server = await serveHub({ files: FILES, ...options });
  page = await running.browser.newPage(); // a context and a port of its own, so storage of its own
  const opened = page;
  onTestFinished(() => opened.context().close());
  await page.goto(server.endpoint);
  await page.addScriptTag({ content: code });
  const asker = (place: Place) => (step: OpfsRequest["step"], offline?: boolean) =>
    ask(place, { step, endpoint: server.endpoint, path, ...(offline && { offline }) });
  return { ...server, asker };
}

describe.each<Place>(["worker", "page"])("files of the Hub in a browser (%s)", (place) => {
  test("are fetched once, read without a network, listed and removed", async () => {
    const { asker, sent } = await setUp();
    const step = asker(place);
    expect(await step("keep")).toEqual({ ...right, fetched: WEIGHTS.length });
    const before = sent();
    expect(await step("keep")).toEqual({ ...right, fetched: 0 });
    expect(sent() - before).toBeLessThan(1000);
    expect(await asker("worker")("keep", true)).toEqual({ ...right, fetched: 0 });
    expect(sent() - before).toBeLessThan(1000);

    const { cache } = await step("list");
    expect(cache).toEqual([{ name: "owner/name", bytes: expect.any(Number) }]);
    expect(cache![0]!.bytes).toBeGreaterThanOrEqual(WEIGHTS.length);
    expect(await step("remove")).toEqual({ cache: [] });
    expect((await step("keep", true)).error).toContain("is not in this browser's storage");
  });

  test("go on where a download was stopped", async () => {
    let slow = true;
    const { asker, sent } = await setUp({
      trouble: (request, response) => {
        // The second part never comes.
        const stalls = slow && request.url!.startsWith("/cdn") && request.headers.range?.startsWith("bytes=8388608-");
        if (stalls) response.writeHead(206, { "content-range": `bytes 8388608-8442928/${WEIGHTS.length}` }).write("x");
        return Boolean(stalls);
      },
    });
    const step = asker(place);
    expect((await step("stop")).error).toBe("enough");
    slow = false;
    const before = sent();
    expect(await step("keep")).toEqual({ ...right, fetched: WEIGHTS.length - PART_BYTES });
    expect(sent() - before).toBeLessThan(WEIGHTS.length - PART_BYTES + 2000);
  });

  test("with the wrong hash are thrown away", async () => {
    const { asker } = await setUp({ hashes: { [path]: "12".repeat(32) } });
    const step = asker(place);
    expect((await step("keep")).error).toContain(`has the hash ${right.sha256}; the Hub says 1212`);
    expect((await step("list")).cache![0]!.bytes).toBeLessThan(1000);
  });

  test("are read all the same when there is no room to keep them", async () => {
    const { asker, endpoint } = await setUp();
    const session = await page.context().newCDPSession(page);
    await session.send("Storage.overrideQuotaForOrigin", { origin: endpoint, quotaSize: 3_000_000 });
    const { problem, ...read } = await asker(place)("keep");
    expect(read).toMatchObject(right);
    expect(problem).toContain("There is no room left in this browser's storage.");
  });

  test("lie beside quantised weights", async () => {
    const { asker } = await setUp();
    const { bytes, cache } = await asker(place)("pack");
    expect(bytes).toBe(10_000_000);
    expect(cache).toMatchObject([{ name: "owner/name as int4", kind: "packed", id: "other" }]);
    expect(await asker("page")("remove")).toEqual({ cache: [] });
  });
});
