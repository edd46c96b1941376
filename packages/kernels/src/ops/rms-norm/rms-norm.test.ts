import { expect, test } from "vitest";
import { empty, freeBuffersAfterAll, runToFloats, upload } from "../../testing/gpu.js";
import { nmse, randomFloats } from "../../testing/random.js";
import { rmsNorm } from "./rms-norm.js";
import { rmsNormReference } from "./rms-norm.reference.js";

freeBuffersAfterAll();

const cases = [
  { why: "smallest", rows: 1, width: 1, eps: 1e-5 },
  { why: "fewer columns than lanes", rows: 3, width: 40, eps: 1e-6 },
  { why: "prime width past several strides", rows: 5, width: 1759, eps: 1e-5 },
  { why: "Gemma's unit offset", rows: 2, width: 160, eps: 1e-6, unitOffset: 1 as const },
  { why: "tiny values, where eps rules", rows: 2, width: 96, eps: 1e-2, spread: 1e-4 },
  { why: "more rows than one grid dimension holds", rows: 65_537, width: 8, eps: 1e-5 },
  { why: "SmolLM2-135M, a prefill chunk", rows: 64, width: 576, eps: 1e-5 },
];

test.each(cases)(
  "rmsNorm, $why ($rows × $width)",
  async ({ rows, width, eps, unitOffset = 0 as const, spread = 1 }) => {
    const x = randomFloats(rows * width, rows, spread);
    const weight = randomFloats(width, width);
    const y = await empty([rows, width]);
    const inputs = {
      step: await upload(Uint32Array.of(0, rows), [2]),
      x: await upload(x, [rows, width]),
      weight: await upload(weight, [width]),
      y,
      eps,
      unitOffset,
    };
    expect(nmse(await runToFloats(rmsNorm(inputs), y), rmsNormReference(x, weight, { eps, unitOffset }))).toBeLessThan(
      1e-12,
    );
  },
);

test("rmsNorm leaves rows past count alone", async () => {
  const y = await empty([4, 8]);
  const step = await upload(Uint32Array.of(7, 3), [2]);
  await runToFloats(
    rmsNorm({
      step,
      x: await upload(randomFloats(32, 1), [4, 8]),
      weight: await upload(new Float32Array(8).fill(1), [8]),
      y,
      eps: 1e-5,
    }),
    y,
  ).then((values) => {
    expect([...values.slice(24)]).toEqual(new Array(8).fill(0));
    expect(values.slice(0, 24).every((value) => value !== 0)).toBe(true);
  });
});

test.each([
  { why: "one token's queries", rows: 1, count: 1, heads: 4, width: 32 },
  { why: "a ragged chunk, odd sizes", rows: 5, count: 3, heads: 3, width: 43 },
])("rmsNorm norms each head, $why", async ({ rows, count, heads, width }) => {
  const shape = [rows, heads, width];
  const x = randomFloats(rows * heads * width, width);
  const weight = randomFloats(width, 2);
  const y = await empty(shape);
  const inputs = {
    step: await upload(Uint32Array.of(9, count), [2]),
    x: await upload(x, shape),
    weight: await upload(weight, [width]),
  };
  const expected = rmsNormReference(x, weight, { eps: 1e-6 }).fill(0, count * heads * width);
  expect(nmse(await runToFloats(rmsNorm({ ...inputs, y, eps: 1e-6 }), y), expected)).toBeLessThan(1e-12);
});

test("rmsNorm names both shapes when they disagree", async () => {
  const step = await upload(Uint32Array.of(0, 1), [2]);
  const inputs = { step, x: await empty([1, 8]), weight: await empty([9]), y: await empty([1, 8]), eps: 1e-5 };
  expect(() => rmsNorm(inputs)).toThrow("weight must be [8] and y [1,8]; found [9] and [1,8]");
});
