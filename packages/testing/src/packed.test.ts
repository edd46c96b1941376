import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { build, preview } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser } from "./browser.js";
import { PackedApp, pack, type Tarball } from "./packed-app.js";

const PUBLISHED = ["kernels"];

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
  const expected = x.map((value, i) => (value / root) * weight[i]!);
  let app: PackedApp;

  beforeAll(() => {
    // What the README tells a user of Node to install besides, for a machine without a GPU too.
    app = new PackedApp([...tarballs.values()], ["webgpu", "@sparticuz/chromium", "@types/node"]);
  });
  afterAll(() => app?.dispose());

  test("compiles against the published types and computes in bare Node", () => {
    app.compile();
    const { y, adapter } = JSON.parse(app.node("node.js", JSON.stringify([x, weight, eps])));
    console.info(`tests run on: ${adapter}`);
    expectClose(y, expected);
  });

  test("is bundled by a bare vite and computes in a browser", async () => {
    await build({ root: app.folder, configFile: false, logLevel: "warn" });
    const scripts = readdirSync(join(app.folder, "dist", "assets")).map((file) =>
      readFileSync(join(app.folder, "dist", "assets", file), "utf8"),
    );
    expect(scripts.join("\n")).not.toMatch(/from\s*"(node:|webgpu)/);

    const server = await preview({
      root: app.folder,
      configFile: false,
      logLevel: "warn",
      preview: { host: "localhost" },
    });
    const { browser, description } = await launchBrowser();
    try {
      console.info(`tests run in: ${description}`);
      const page = await browser.newPage();
      await page.goto(server.resolvedUrls!.local[0]!);
      await page.waitForFunction(() => "outsider" in globalThis);
      const { y } = await page.evaluate((args) => globalThis.outsider.norm(...args), [x, weight, eps] as const);
      expectClose(y, expected);
    } finally {
      await browser.close();
      await server.close();
    }
  });
});

declare global {
  var outsider: { norm(x: readonly number[], weight: readonly number[], eps: number): Promise<{ y: number[] }> };
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of actual.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
}
