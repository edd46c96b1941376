import { readFile, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createServer, type ViteDevServer } from "vite";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { byteRange } from "./byte-range.js";

describe("byteRange", () => {
  test.each([
    { why: "no header", header: undefined, range: undefined },
    { why: "both ends", header: "bytes=0-9", range: { start: 0, end: 9 } },
    { why: "one byte", header: "bytes=99-99", range: { start: 99, end: 99 } },
    { why: "open end", header: "bytes=90-", range: { start: 90, end: 99 } },
    { why: "the last bytes", header: "bytes=-8", range: { start: 92, end: 99 } },
    { why: "more last bytes than there are", header: "bytes=-500", range: { start: 0, end: 99 } },
    { why: "past the end, cut", header: "bytes=90-500", range: { start: 90, end: 99 } },
    { why: "behind the end", header: "bytes=100-", range: "unsatisfiable" },
    { why: "backwards", header: "bytes=9-0", range: "unsatisfiable" },
    { why: "several ranges, answered whole", header: "bytes=0-1,5-6", range: undefined },
  ])("$why: $header", ({ header, range }) => {
    expect(byteRange(header, 100)).toEqual(range);
  });
});

const root = fileURLToPath(new URL("..", import.meta.url));
const config = fileURLToPath(new URL("../../../models/smollm2-81m-student/config.json", import.meta.url));

let dev: ViteDevServer;
beforeAll(async () => {
  dev = await createServer({ root, logLevel: "error", server: { port: 0, host: "localhost", hmr: false } });
  await dev.listen();
});
afterAll(() => dev?.close());

// What the engine reads weights by, from both of vite's servers: a host without ranges would send whole shards.
describe.each(["dev", "preview"] as const)("the %s server", (kind) => {
  const get = (path: string, headers = {}) =>
    fetch(`${kind === "dev" ? dev.resolvedUrls!.local[0] : inject("site")}models/${path}`, { headers });

  test("sends a whole file", async () => {
    const response = await get("smollm2-81m-student/config.json");
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(await readFile(config, "utf8"));
  });

  test("sends a range", async () => {
    const response = await get("smollm2-81m-student/config.json", { range: "bytes=5-24" });
    expect(response.status).toBe(206);
    expect(response.headers.get("content-range")).toBe(`bytes 5-24/${(await stat(config)).size}`);
    expect(await response.text()).toBe((await readFile(config, "utf8")).slice(5, 25));
  });

  test("says when a range is not there", async () => {
    expect((await get("smollm2-81m-student/config.json", { range: "bytes=99999-" })).status).toBe(416);
  });

  test("says when a file is not there, rather than sending the page", async () => {
    expect((await get("smollm2-81m-student/chat_template.jinja")).status).toBe(404);
  });
});
