import { expect, test } from "vitest";
import { empty, freeBuffersAfterAll, runToFloats, upload } from "../../testing/gpu.js";
import { nmse, randomFloats } from "../../testing/random.js";
import { add } from "./add.js";
import { addReference } from "./add.reference.js";

freeBuffersAfterAll();

const cases = [
  { why: "smallest", rows: 1, width: 1 },
  { why: "fewer columns than lanes", rows: 3, width: 40 },
  { why: "prime width past several spans", rows: 5, width: 1759 },
  { why: "more rows than one grid dimension holds", rows: 65_537, width: 3 },
  { why: "SmolLM2-135M, a prefill chunk", rows: 64, width: 576 },
  { why: "Granite's multiplier", rows: 2, width: 96, scale: 0.22 },
];

test.each(cases)("add, $why ($rows × $width)", async ({ rows, width, scale = 1 }) => {
  const a = randomFloats(rows * width, rows);
  const b = randomFloats(rows * width, width);
  const y = await empty([rows, width]);
  const dispatch = add({
    step: await upload(Uint32Array.of(0, rows), [2]),
    a: await upload(a, [rows, width]),
    b: await upload(b, [rows, width]),
    y,
    scale,
  });
  expect(nmse(await runToFloats(dispatch, y), addReference(a, b, scale))).toBeLessThan(1e-14);
});

test("add leaves rows past count alone", async () => {
  const y = await empty([4, 8]);
  const ones = await upload(new Float32Array(32).fill(1), [4, 8]);
  const dispatch = add({ step: await upload(Uint32Array.of(7, 3), [2]), a: ones, b: ones, y });
  expect([...(await runToFloats(dispatch, y))]).toEqual([...new Array(24).fill(2), ...new Array(8).fill(0)]);
});

test("add names the shapes when they disagree", async () => {
  const step = await upload(Uint32Array.of(0, 1), [2]);
  const inputs = { step, a: await empty([1, 8]), b: await empty([2, 8]), y: await empty([1, 8]) };
  expect(() => add(inputs)).toThrow("a is [1,8], so b and y must be too; found [2,8] and [1,8]");
});
