import { expect, test } from "vitest";
import type { Source } from "../sources/source.js";
import { failure } from "../testing/failure.js";
import { ReadAhead } from "./read-ahead.js";

const FILE = Uint8Array.from({ length: 1050 }, (_, i) => (i * 7) % 256);
const WINDOW = 100;

/** A source that notes what is asked for and answers when told to, if at all. */
function noting(answer: (start: number) => Promise<void> = async () => {}): { source: Source; asked: number[] } {
  const asked: number[] = [];
  const read: Source["read"] = async (_, { start, end }) => {
    asked.push(start);
    await answer(start);
    return FILE.slice(start, end);
  };
  return { source: { name: "test", size: async () => FILE.length, read }, asked };
}

const read = (reader: ReadAhead, start: number, end: number, signal?: AbortSignal) =>
  reader.read("a", FILE.length, { start, end, signal });

test("many small reads cost one request a window, two windows beforehand", async () => {
  const { source, asked } = noting();
  const reader = new ReadAhead(source, WINDOW);
  for (let at = 0; at < 190; at += 10) expect(await read(reader, at, at + 10)).toEqual(FILE.slice(at, at + 10));
  expect(asked).toEqual([0, 100, 200, 300]);
});

test("ranges over several windows, to the file's last byte", async () => {
  const { source, asked } = noting();
  const reader = new ReadAhead(source, WINDOW);
  expect(await read(reader, 95, 1050)).toEqual(FILE.slice(95));
  expect(asked).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
});

test("reads here and there fetch nothing beforehand", async () => {
  const { source, asked } = noting();
  const reader = new ReadAhead(source, WINDOW);
  for (const at of [500, 20, 910]) expect(await read(reader, at, at + 5)).toEqual(FILE.slice(at, at + 5));
  expect(asked).toEqual([500, 0, 900]);
});

test("two places in turn, as MLX's words and scales lie", async () => {
  const { source, asked } = noting();
  const reader = new ReadAhead(source, WINDOW);
  for (let step = 0; step < 40; step++) {
    for (const at of [step * 10, 600 + step * 10]) {
      expect(await read(reader, at, at + 10)).toEqual(FILE.slice(at, at + 10));
    }
  }
  expect(asked.toSorted((a, b) => a - b)).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
});

test("what is given belongs to the caller", async () => {
  const reader = new ReadAhead(noting().source, WINDOW);
  (await read(reader, 0, 10)).fill(0);
  expect(await read(reader, 0, 10)).toEqual(FILE.slice(0, 10));
});

test("a failed window is asked for again", async () => {
  let broken = true;
  const { source, asked } = noting(async () => {
    if (broken) throw new Error("cut");
  });
  const reader = new ReadAhead(source, WINDOW);
  await expect(read(reader, 0, 10)).rejects.toThrow("cut");
  broken = false;
  expect(await read(reader, 0, 10)).toEqual(FILE.slice(0, 10));
  expect(asked).toEqual([0, 0]);
});

test("an abort answers at once, and does not spoil the window for others", async () => {
  const waiting: (() => void)[] = [];
  const { source } = noting(() => new Promise((resolve) => waiting.push(resolve)));
  const reader = new ReadAhead(source, WINDOW);
  const controller = new AbortController();
  const reason = new Error("enough");
  const aborted = read(reader, 0, 10, controller.signal);
  const other = read(reader, 10, 20);
  controller.abort(reason);
  await expect(aborted).rejects.toBe(reason);
  for (const resolve of waiting) resolve();
  expect(await other).toEqual(FILE.slice(10, 20));
});

test("a window that another reader gave up is fetched anew", async () => {
  const controller = new AbortController();
  let reads = 0;
  const read: Source["read"] = (_, { start, end, signal }) => {
    reads++;
    if (!signal) return Promise.resolve(FILE.slice(start, end));
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  };
  const reader = new ReadAhead({ name: "test", size: async () => FILE.length, read }, WINDOW);
  const given = reader.read("a", FILE.length, { start: 0, end: 10, signal: controller.signal });
  const other = reader.read("a", FILE.length, { start: 10, end: 20 });
  controller.abort(new Error("enough"));
  await expect(given).rejects.toThrow("enough");
  expect(await other).toEqual(FILE.slice(10, 20));
  expect(reads).toBe(2);
});

test("a source that gives fewer bytes than asked for is found out", async () => {
  const short: Source = { ...noting().source, read: async (_, { start, end }) => FILE.slice(start, end - 1) };
  expect(await failure(() => read(new ReadAhead(short, WINDOW), 0, 10))).toBe(
    "checkpoint-cut: test gave 99 bytes of a; 100 were asked for. The file changed while it was read; load again.",
  );
});
