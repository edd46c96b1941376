import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fileOf, type Served, servePage } from "./serve.js";

const mounts = { "/npm/": "/cache", "/model.gguf": "/cache/some.gguf" };

test.each([
  { path: "/npm/a/b.js", file: "/cache/a/b.js" },
  { path: "/model.gguf", file: "/cache/some.gguf" },
  { path: "/model.gguf.txt", file: undefined },
  { path: "/npm/../secret", file: undefined },
  { path: "/npm/a/../../secret", file: undefined },
  { path: "/elsewhere", file: undefined },
])("$path is $file", ({ path, file }) => {
  expect(fileOf(path, mounts)).toBe(file);
});

let [folder, served] = ["", undefined as Served | undefined];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "alambic-serve-"));
  writeFileSync(join(folder, "a.mjs"), "export {};");
  served = await servePage("<!doctype html>", { "/npm/": folder });
});
afterAll(() => {
  served?.close();
  rmSync(folder, { recursive: true });
});

test("an isolated page, and its files with their types", async () => {
  const page = await fetch(served!.url);
  expect(await page.text()).toBe("<!doctype html>");
  expect(page.headers.get("cross-origin-embedder-policy")).toBe("require-corp");
  const script = await fetch(`${served!.url}npm/a.mjs`);
  expect(script.headers.get("content-type")).toBe("text/javascript");
  expect(await script.text()).toBe("export {};");
  expect((await fetch(`${served!.url}npm/none.mjs`)).status).toBe(404);
});
