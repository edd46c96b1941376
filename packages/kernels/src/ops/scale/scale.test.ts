import { expect, test } from "vitest";
import { empty, freeBuffersAfterAll, runToFloats, upload } from "../../testing/gpu.js";
import { nmse, randomFloats } from "../../testing/random.js";
import { scale } from "./scale.js";
import { scaleReference } from "./scale.reference.js";

freeBuffersAfterAll();

test.each([
  { why: "smallest", rows: 1, width: 1, factor: 0.125 },
  { why: "prime width past several spans", rows: 5, width: 1759, factor: 3.7 },
  { why: "more workgroups than one grid dimension holds", rows: 65_537, width: 3, factor: -1 },
])("scale, $why ($rows × $width)", async ({ rows, width, factor }) => {
  const x = randomFloats(rows * width, rows);
  const y = await empty([rows, width]);
  const step = await upload(Uint32Array.of(3, rows), [2]);
  const actual = await runToFloats(scale({ step, x: await upload(x, [rows, width]), y, factor }), y);
  expect(nmse(actual, scaleReference(x, factor))).toBeLessThan(1e-13);
});

test("scale leaves rows past count alone", async () => {
  const y = await empty([3, 4]);
  const x = await upload(new Float32Array(12).fill(1), [3, 4]);
  const step = await upload(Uint32Array.of(0, 2), [2]);
  const actual = await runToFloats(scale({ step, x, y, factor: 2 }), y);
  expect([...actual]).toEqual([...new Array(8).fill(2), 0, 0, 0, 0]);
});

test("scale names what does not fit", async () => {
  const [step, x, y] = [await empty([2], "u32"), await empty([2, 8]), await empty([1, 8])];
  expect(() => scale({ step, x, y, factor: 2 })).toThrow("x is [2,8], so y must be too; found [1,8]");
});
