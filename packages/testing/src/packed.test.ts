import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import type { Browser, Page } from "playwright-core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { build, type PreviewServer, preview } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser } from "./browser.js";
import { denoEnvironment } from "./deno.js";
import { firstFetch } from "./first-fetch.js";
import { PackedApp, pack, type Tarball } from "./packed-app.js";

const PUBLISHED = ["kernels", "engine"];

const destination = mkdtempSync(join(tmpdir(), "alambic-packed-"));
const tarballs = new Map<string, Tarball>();
beforeAll(() => {
  for (const folder of PUBLISHED) tarballs.set(folder, pack(folder, destination));
});
afterAll(() => rmSync(destination, { recursive: true, force: true }));

describe.each(PUBLISHED)("the tarball of %s", (folder) => {
  test("holds what a user needs and nothing else", () => {
    const { files } = tarballs.get(folder)!;
    const needed = ["package.json", "README.md", "LICENSE", "dist/index.js", "dist/index.d.ts"];
    expect(needed.filter((file) => !files.includes(file))).toEqual([]);
    expect(files.filter((file) => !/^(dist|bin)\/|^(package\.json|README\.md|LICENSE)$/.test(file))).toEqual([]);
    expect(files.filter((file) => /\.test\.|\.reference\.|testing\//.test(file))).toEqual([]);
  });

  test("names no source and no workspace in its package.json", () => {
    const { dependencies, exports, imports } = tarballs.get(folder)!.manifest;
    expect(JSON.stringify({ dependencies, exports, imports })).not.toMatch(/alambic-source|workspace:|src\//);
  });

  test("has an exports map that publint finds nothing wrong with", async () => {
    const { path, manifest } = tarballs.get(folder)!;
    const bytes = readFileSync(path);
    const { messages } = await publint({
      pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) },
      level: "warning",
      strict: true,
    });
    expect(messages.map((message) => formatMessage(message, manifest))).toEqual([]);
  });

  test("has types that resolve for every entry point", async () => {
    const analysis = await checkPackage(
      createPackageFromTarballData(new Uint8Array(readFileSync(tarballs.get(folder)!.path))),
    );
    expect(analysis.types).not.toBe(false);
    // ESM only, by choice: `require` from CommonJS and the resolution of before exports maps are not served.
    const served = "problems" in analysis ? analysis.problems.filter((problem) => !isOutsideEsm(problem)) : [];
    expect(served).toEqual([]);
  });
});

function isOutsideEsm(problem: { kind: string; resolutionKind?: string }): boolean {
  return (
    problem.kind === "CJSResolvesToESM" ||
    problem.resolutionKind === "node10" ||
    problem.resolutionKind === "node16-cjs"
  );
}

describe("an app outside the workspace", () => {
  const x = [3, -1, 0.5, 2, -4, 0.25, 1];
  const weight = [1, 2, 0.5, 1, 1, -1, 3];
  const eps = 1e-5;
  const root = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / x.length + eps);
  const normed = x.map((value, i) => (value / root) * weight[i]!);

  const fixture = fileURLToPath(new URL("../../engine/fixtures/llama-tied", import.meta.url));
  const {
    input_ids: ids,
    logits,
    greedy,
  } = JSON.parse(readFileSync(join(fixture, "expected.json"), "utf8")) as Expected;
  const expectedToSpeak = { logits, greedy, bytesLeft: 0 };

  let app: PackedApp;

  beforeAll(() => {
    // What the README tells a user of Node to install besides, for a machine without a GPU too.
    app = new PackedApp([...tarballs.values()], ["webgpu", "@sparticuz/chromium", "@types/node"]);
    app.serve("model", fixture);
    app.compile();
  });
  afterAll(() => app?.dispose());

  describe("in bare Node", () => {
    test("runs a kernel", () => {
      const { y, adapter } = app.node("norm", [x, weight, eps]) as Normed;
      console.info(`tests run on: ${adapter}`);
      expectClose([y], [normed], 1e-5);
    });

    test("loads a checkpoint from a folder", () => {
      expectSpoken(app.node("speak", [fixture, ids, greedy.length]) as Spoken, expectedToSpeak);
    });

    test("has the command line", () => {
      expect(app.command("alambic", "--help")).toContain("inspect");
    });
  });

  // Deno's WebGPU is Firefox's: its own compiler of WGSL, its own validation.
  describe("in Deno", () => {
    const env = denoEnvironment();

    test("runs a kernel", () => {
      const { y, adapter } = app.deno("norm", [x, weight, eps], env) as Normed;
      console.info(`tests run in Deno on: ${adapter}`);
      expectClose([y], [normed], 1e-5);
    });

    test("loads a checkpoint from a folder", () => {
      expectSpoken(app.deno("speak", [fixture, ids, greedy.length], env) as Spoken, expectedToSpeak);
    });

    test("compares two models", () => {
      const { kl, top } = app.deno("compared", [fixture, ids], env) as { kl: number[]; top: number[] };
      expect(kl).toEqual(ids.map(() => 0));
      expect(top).toEqual(logits.map((row) => row.indexOf(Math.max(...row))));
    });

    test("compiles the kernels meant for GPUs, and they agree with the plain ones", () => {
      const { kernels, refused } = app.deno("refusedKernels", [fixture], env) as Refused;
      expect(kernels.length).toBeGreaterThan(0);
      expect(refused).toEqual([]);
    });
  });

  // 80 kB now, 60 kB are the aim. What a plain Llama has no use for is to be imported when it is wanted.
  test("fetches no more than 82 kB with gzip to chat with a Llama, tokenizer and template libraries apart", async () => {
    const bytes = await firstFetch(app.folder, join(app.folder, "chat.ts"));
    console.info(`a chat app fetches ${(bytes / 1000).toFixed(1)} kB first`);
    expect(bytes).toBeGreaterThan(20_000);
    expect(bytes).toBeLessThan(82_000);
  });

  describe("bundled by a bare vite, in a browser", () => {
    let server: PreviewServer;
    let browser: Browser;
    let page: Page;

    beforeAll(async () => {
      await build({ root: app.folder, configFile: false, logLevel: "warn", worker: { format: "es" } });
      server = await preview({ root: app.folder, configFile: false, logLevel: "warn", preview: { host: "localhost" } });
      const launched = await launchBrowser();
      console.info(`tests run in: ${launched.description}`);
      browser = launched.browser;
      page = await browser.newPage();
      await page.goto(server.resolvedUrls!.local[0]!);
      await page.waitForFunction(() => "outsider" in globalThis);
    });
    afterAll(async () => {
      await browser?.close();
      await server?.close();
    });

    test("has nothing of Node in it", () => {
      const assets = join(app.folder, "dist", "assets");
      const scripts = readdirSync(assets).filter((file) => file.endsWith(".js"));
      for (const file of scripts) {
        expect(readFileSync(join(assets, file), "utf8"), file).not.toMatch(/(from|import\()\s*["'](node:|webgpu)/);
      }
    });

    test("runs a kernel", async () => {
      const { y } = await page.evaluate((args) => globalThis.outsider.norm(...args), [x, weight, eps] as const);
      expectClose([y], [normed], 1e-5);
    });

    test("loads a checkpoint from its server", async () => {
      const args = [new URL("model/", page.url()).href, ids, greedy.length] as const;
      expectSpoken(await page.evaluate((args) => globalThis.outsider.speak(...args), args), expectedToSpeak);
    });

    test("runs the engine in a worker", async () => {
      const args = [new URL("model/", page.url()).href, ids, greedy.length] as const;
      expect(await page.evaluate((args) => globalThis.outsider.speakInWorker(...args), args)).toEqual(greedy);
    });
  });
});

interface Expected {
  readonly input_ids: number[];
  readonly logits: number[][];
  readonly greedy: number[];
}
interface Normed {
  readonly y: number[];
  readonly adapter: string;
}
interface Spoken {
  readonly logits: number[][];
  readonly greedy: number[];
  readonly bytesLeft: number;
}

interface Refused {
  readonly kernels: string[];
  readonly refused: unknown[];
}

declare global {
  /** What the page of `outsider/` puts there. */
  var outsider: {
    norm(x: readonly number[], weight: readonly number[], eps: number): Promise<Normed>;
    speak(source: string, ids: readonly number[], maxTokens: number): Promise<Spoken>;
    speakInWorker(source: string, ids: readonly number[], maxTokens: number): Promise<number[]>;
  };
}

function expectSpoken(actual: Spoken, expected: Spoken): void {
  expectClose(actual.logits, expected.logits, 2e-3);
  expect(actual.greedy).toEqual(expected.greedy);
  expect(actual.bytesLeft).toBe(expected.bytesLeft);
}

function expectClose(actual: readonly number[][], expected: readonly number[][], tolerance: number): void {
  expect(actual.map((row) => row.length)).toEqual(expected.map((row) => row.length));
  const differences = actual.flatMap((row, t) => row.map((value, i) => Math.abs(value - expected[t]![i]!)));
  expect(Math.max(...differences)).toBeLessThan(tolerance);
}
