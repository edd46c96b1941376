import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { failure } from "../testing/failure.js";
import { nodeFolder } from "./node-fs.js";
import { readText } from "./source.js";

let path: string;
beforeAll(async () => {
  path = await mkdtemp(`${tmpdir()}/alambic-`);
  await writeFile(
    `${path}/a.bin`,
    Uint8Array.from({ length: 1000 }, (_, i) => i % 256),
  );
  await symlink(`${path}/a.bin`, `${path}/link.bin`);
});
afterAll(() => rm(path, { recursive: true }));

test("sizes and ranges, through symbolic links too", async () => {
  const source = nodeFolder(`${path}/`);
  for (const name of ["a.bin", "link.bin"]) {
    expect(await source.size(name)).toBe(1000);
    expect(await source.read(name, { start: 255, end: 258 })).toEqual(Uint8Array.of(255, 0, 1));
  }
});

test("what is not there, or not a file, has no size and cannot be read", async () => {
  const source = nodeFolder(path);
  expect(await source.size("b.bin")).toBeUndefined();
  expect(await source.size("a.bin/x")).toBeUndefined();
  expect(await readText(source, "b.json")).toBeUndefined();
  expect(await failure(() => source.read("b.bin", { start: 0, end: 1 }))).toBe(
    `source-not-found: b.bin is not in ${path}. Check the name and that the copy is complete.`,
  );
});

test("a read past the end names where the file ends", async () => {
  expect(await failure(() => nodeFolder(path).read("a.bin", { start: 990, end: 1010 }))).toBe(
    `source-wrong-bytes: a.bin in ${path} ends at byte 1000; bytes up to 1010 were asked for. The file is cut short; fetch it again.`,
  );
});

test.each(["../a.bin", "/etc/passwd", "x/../../a", "a\\b", "", "./a.bin", "C:a", "a//b", "file:a"])(
  "%j does not lead out of the folder",
  async (hostile) => {
    expect(await failure(() => nodeFolder(path).size(hostile))).toContain("is not a path inside a model's folder");
    expect(await failure(() => nodeFolder(path).read(hostile, { start: 0, end: 1 }))).toContain("source-not-found: ");
  },
);

test("an aborted read rejects with the signal's reason", async () => {
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  await expect(nodeFolder(path).read("a.bin", { start: 0, end: 1, signal })).rejects.toBe(reason);
  await expect(nodeFolder(path).size("a.bin", { signal })).rejects.toBe(reason);
});
