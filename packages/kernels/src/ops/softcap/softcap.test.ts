import { expect, test } from "vitest";
import { empty, freeBuffersAfterAll, runToFloats, upload } from "../../testing/gpu.js";
import { nmse, randomFloats } from "../../testing/random.js";
import { softcap } from "./softcap.js";
import { softcapReference } from "./softcap.reference.js";

freeBuffersAfterAll();

test.each([
  { why: "smallest", rows: 1, width: 1, cap: 30, spread: 2 },
  { why: "prime width past several spans", rows: 5, width: 1759, cap: 30, spread: 40 },
  { why: "values where tanh would be NaN", rows: 3, width: 40, cap: 0.5, spread: 1000 },
  { why: "more workgroups than one grid dimension holds", rows: 65_537, width: 3, cap: 50, spread: 60 },
])("softcap, $why ($rows × $width)", async ({ rows, width, cap, spread }) => {
  const x = randomFloats(rows * width, rows, spread);
  const y = await empty([rows, width]);
  const step = await upload(Uint32Array.of(3, rows), [2]);
  const actual = await runToFloats(softcap({ step, x: await upload(x, [rows, width]), y, cap }), y);
  expect(nmse(actual, softcapReference(x, cap))).toBeLessThan(1e-11);
});

test("softcap leaves rows past count alone", async () => {
  const y = await empty([3, 4]);
  const x = await upload(new Float32Array(12).fill(1), [3, 4]);
  const step = await upload(Uint32Array.of(0, 2), [2]);
  const actual = [...(await runToFloats(softcap({ step, x, y, cap: 30 }), y))];
  expect(actual.slice(8)).toEqual([0, 0, 0, 0]);
  expect(actual.slice(0, 8).every((value) => value > 0.99)).toBe(true);
});

test("softcap names what cannot be", async () => {
  const [step, x, y] = [await empty([2], "u32"), await empty([2, 8]), await empty([1, 8])];
  expect(() => softcap({ step, x, y, cap: 30 })).toThrow("x is [2,8], so y must be too; found [1,8]");
  expect(() => softcap({ step, x, y: x, cap: 0 })).toThrow("cap is 0; it must be above 0");
});
