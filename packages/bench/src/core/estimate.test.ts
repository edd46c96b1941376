import { inspectSynthetic } from "@alambic/engine/graph";
import { expect, test } from "vitest";
import { leastSeconds, runSeconds } from "./estimate.js";
import { SYNTHETIC_SHAPES } from "./ladder.js";

const inspection = await inspectSynthetic(SYNTHETIC_SHAPES.find(({ name }) => name === "synthetic-135m")!.config);
const roofline = { readGBs: 100, gflops: 1000, dispatchMicroseconds: 2, clock: "timestamps" } as const;
const tg = { kind: "tg", tokens: 128, depth: 0 } as const;
const pp = { kind: "pp", tokens: 512, depth: 0 } as const;
const slowness = { pp: 2, tg: 3, startSeconds: 1 };

test("the shapes have the parameters that their names promise", async () => {
  const counts = await Promise.all(SYNTHETIC_SHAPES.map(({ config }) => inspectSynthetic(config)));
  expect(counts.map(({ parameters }) => Math.round(parameters.total / 1e6))).toEqual([
    15, 30, 81, 135, 362, 494, 1014, 1236, 1711,
  ]);
});

test("a token takes the time to read the weights, to compute with them, and to dispatch", () => {
  const expected =
    128 * (inspection.bytes.int4 / 100e9 + (2 * inspection.parameters.total) / 1e12 + (8 * 30 + 4) * 2e-6);
  const context = (128 * 64 * inspection.kvBytesPer1k.f32) / 1024 / 100e9; // half of them, on average
  expect(leastSeconds(inspection, "int4", tg, roofline)).toBeCloseTo(expected + context, 9);
});

test("a token of a mixture reads its own experts, a prompt all of them", async () => {
  const mixture = await inspectSynthetic(SYNTHETIC_SHAPES.find(({ name }) => name === "synthetic-moe-1b")!.config);
  const dense = { ...mixture, parameters: { ...mixture.parameters, total: mixture.parameters.active } };
  const free = { ...roofline, gflops: 1e9, dispatchMicroseconds: 0 };
  const seconds = (of: typeof mixture, work: typeof tg | typeof pp) => leastSeconds(of, "int4", work, free);
  expect(seconds(mixture, tg)).toBeLessThan(0.25 * seconds(dense, tg));
  expect(seconds(mixture, pp)).toBe(seconds(dense, pp));
});

test("a prompt reads the weights once a chunk", () => {
  const free = { ...roofline, gflops: 1e9, dispatchMicroseconds: 0 };
  const reads = (tokens: number) =>
    leastSeconds({ ...inspection, kvBytesPer1k: { f32: 0, f16: 0, int8: 0 } }, "int4", { ...pp, tokens }, free);
  expect(reads(512) / reads(128)).toBeCloseTo(4, 3);
  expect(reads(129) / reads(128)).toBeCloseTo(2, 3);
});

test("context costs its keys and values", () => {
  const [short, long] = [0, 4096].map((depth) => leastSeconds(inspection, "int4", { ...tg, depth }, roofline));
  expect(long! - short!).toBeCloseTo((128 * 4 * inspection.kvBytesPer1k.f32) / 100e9, 6);
});

test("slowness multiplies, and a run's untimed beginning counts", () => {
  const once = leastSeconds(inspection, "int4", { ...tg, tokens: 1 }, roofline);
  expect(runSeconds(inspection, "int4", tg, roofline, slowness)).toBeCloseTo(
    3 * leastSeconds(inspection, "int4", tg, roofline) + 3 * once,
    6,
  );
  expect(runSeconds(inspection, "int4", { ...tg, depth: 512 }, roofline, slowness)).toBeCloseTo(
    3 * leastSeconds(inspection, "int4", { ...tg, depth: 512 }, roofline) +
      2 * leastSeconds(inspection, "int4", pp, roofline),
    6,
  );
});
