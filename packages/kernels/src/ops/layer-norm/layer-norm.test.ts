import { expect, test } from "vitest";
import { empty, freeBuffersAfterAll, runToFloats, upload } from "../../testing/gpu.js";
import { nmse, randomFloats } from "../../testing/random.js";
import { layerNorm } from "./layer-norm.js";
import { layerNormReference } from "./layer-norm.reference.js";

freeBuffersAfterAll();

const cases = [
  { why: "smallest: every value is its mean", rows: 1, width: 1, eps: 1e-12 },
  { why: "fewer columns than lanes", rows: 3, width: 40, eps: 1e-12 },
  { why: "prime width past several strides", rows: 5, width: 1759, eps: 1e-5 },
  { why: "a mean a hundred times the deviation", rows: 4, width: 96, eps: 1e-12, mean: 100, tolerance: 1e-9 },
  { why: "tiny values, where eps rules", rows: 2, width: 96, eps: 1e-2, spread: 1e-4 },
  { why: "more rows than one grid dimension holds", rows: 65_537, width: 4, eps: 1e-5 },
  { why: "MiniLM", rows: 64, width: 384, eps: 1e-12 },
];

test.each(cases)("layerNorm, $why ($rows × $width)", async ({ rows, width, eps, mean = 0, spread = 1, tolerance }) => {
  const x = randomFloats(rows * width, rows, spread).map((value) => mean + value);
  const weight = randomFloats(width, width);
  const bias = randomFloats(width, 3);
  const y = await empty([rows, width]);
  const dispatch = layerNorm({
    step: await upload(Uint32Array.of(5, rows), [2]),
    x: await upload(x, [rows, width]),
    weight: await upload(weight, [width]),
    bias: await upload(bias, [width]),
    y,
    eps,
  });
  const expected = layerNormReference(x, weight, bias, eps);
  expect(nmse(await runToFloats(dispatch, y), expected)).toBeLessThan(tolerance ?? 1e-12);
});

test("layerNorm leaves rows past count alone", async () => {
  const y = await empty([3, 4]);
  const ones = await upload(new Float32Array(4).fill(1), [4]);
  const bias = await upload(new Float32Array(4).fill(9), [4]);
  const x = await upload(randomFloats(12, 1), [3, 4]);
  const step = await upload(Uint32Array.of(0, 2), [2]);
  const actual = [...(await runToFloats(layerNorm({ step, x, weight: ones, bias, y, eps: 1e-5 }), y))];
  expect(actual.slice(8)).toEqual([0, 0, 0, 0]);
  expect(actual.slice(0, 8).every((value) => value > 5)).toBe(true);
});

test("layerNorm names the shapes when they disagree", async () => {
  const [step, x, weight, bias] = [await empty([2], "u32"), await empty([1, 8]), await empty([8]), await empty([9])];
  expect(() => layerNorm({ step, x, weight, bias, y: x, eps: 1e-5 })).toThrow(
    "weight and bias must be [8] and y [1,8]; found [8], [9] and [1,8]",
  );
});
