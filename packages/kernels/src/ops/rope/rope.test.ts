import { expect, test } from "vitest";
import { empty, freeBuffersAfterAll, runToFloats, upload } from "../../testing/gpu.js";
import { nmse, randomFloats } from "../../testing/random.js";
import { rope } from "./rope.js";
import { ropeReference } from "./rope.reference.js";
import { ropeTable } from "./rope-table.js";

freeBuffersAfterAll();

const cases = [
  { why: "smallest: one pair", rows: 1, heads: 1, headDim: 2, position: 0 },
  { why: "one token far in", rows: 1, heads: 3, headDim: 64, position: 4095 },
  { why: "5 heads, more items than lanes", rows: 7, heads: 5, headDim: 32, position: 3 },
  { why: "half of the head turns", rows: 4, heads: 2, headDim: 80, rotaryDim: 40, position: 11 },
  { why: "an odd number of dimensions is copied", rows: 3, heads: 2, headDim: 19, rotaryDim: 6, position: 5 },
  { why: "more rows than one grid dimension holds", rows: 65_537, heads: 1, headDim: 4, position: 0 },
  { why: "widest heads", rows: 2, heads: 4, headDim: 256, position: 100 },
  { why: "SmolLM2-135M, a prefill chunk", rows: 64, heads: 9, headDim: 64, position: 128, theta: 100_000 },
];

test.each(cases)(
  "rope, $why ($rows × $heads × $headDim)",
  async ({ rows, heads, headDim, rotaryDim = headDim, position, theta = 10_000 }) => {
    const positions = position + rows;
    const x = randomFloats(rows * heads * headDim, rows + headDim);
    const table = ropeTable({ rotaryDim, theta, positions });
    const y = await empty([rows, heads, headDim]);
    const inputs = {
      step: await upload(Uint32Array.of(position, rows), [2]),
      x: await upload(x, [rows, heads, headDim]),
      table: await upload(table, [positions, rotaryDim / 2, 2]),
      y,
    };
    const expected = ropeReference(x, table, { position, heads, headDim, rotaryDim });
    expect(nmse(await runToFloats(rope(inputs), y), expected)).toBeLessThan(1e-13);
  },
);

test("rope leaves rows past count alone", async () => {
  const y = await empty([3, 2, 8]);
  const inputs = {
    step: await upload(Uint32Array.of(1, 2), [2]),
    x: await upload(randomFloats(48, 1), [3, 2, 8]),
    table: await upload(ropeTable({ rotaryDim: 8, theta: 100, positions: 4 }), [4, 4, 2]),
    y,
  };
  const values = await runToFloats(rope(inputs), y);
  expect(values.subarray(0, 32).every((value) => value !== 0)).toBe(true);
  expect([...values.subarray(32)]).toEqual(new Array(16).fill(0));
});

test("rope names the shapes that disagree", async () => {
  const step = await upload(Uint32Array.of(0, 1), [2]);
  const [x, y, table] = [await empty([1, 2, 8]), await empty([1, 2, 6]), await empty([4, 5, 2])];
  expect(() => rope({ step, x, table, y })).toThrow("y of the same shape; found [1,2,8] and [1,2,6]");
  expect(() => rope({ step, x, table, y: x })).toThrow("[positions, at most 4, 2]; found [4,5,2]");
});
