import { expect, test } from "vitest";
import type { MatrixForm } from "../../matrix.js";
import { empty, freeBuffersAfterAll, runToFloats } from "../../testing/gpu.js";
import { dequantiseReference, randomMatrix, uploadMatrix } from "../../testing/matrices.js";
import { nmse } from "../../testing/random.js";
import { dequantise } from "./dequantise.js";

freeBuffersAfterAll();

const cases: { why: string; shape: [number, number]; form: MatrixForm; spread?: number }[] = [
  { why: "one number", shape: [1, 1], form: { kind: "f32" } },
  { why: "rows that do not fill a word", shape: [3, 5], form: { kind: "bf16" } },
  { why: "an odd K", shape: [7, 83], form: { kind: "f16" } },
  { why: "int4, a short last group", shape: [5, 83], form: { kind: "int4", groupSize: 24, groupType: "f16" } },
  {
    why: "int4, subnormal f16 scales",
    shape: [5, 64],
    form: { kind: "int4", groupSize: 32, groupType: "f16" },
    spread: 1e-5,
  },
  { why: "int4, f32 groups", shape: [5, 64], form: { kind: "int4", groupSize: 32, groupType: "f32" } },
  { why: "int4 with zeros", shape: [5, 83], form: { kind: "int4", groupSize: 24, groupType: "f16-zero" } },
  { why: "int8 with zeros", shape: [3, 40], form: { kind: "int8", groupSize: 16, groupType: "bf16-zero" } },
  { why: "int8, the whole of K", shape: [65, 131], form: { kind: "int8", groupSize: 136, groupType: "bf16" } },
];

test.each(cases)("dequantise, $why ($shape $form.kind)", async ({ shape, form, spread }) => {
  const host = randomMatrix(shape, form, 1, spread);
  const { blocks } = await uploadMatrix(host);
  const y = await empty(shape);
  const actual = await runToFloats(dequantise({ block: blocks[0]!, form, k: shape[1], rows: shape[0], y }), y);
  expect(nmse(actual, dequantiseReference(host))).toBeLessThan(1e-13);
});

test("dequantise says which shape y must have", async () => {
  const { blocks } = await uploadMatrix(randomMatrix([2, 8], { kind: "f32" }, 1));
  const y = await empty([2, 9]);
  expect(() => dequantise({ block: blocks[0]!, form: { kind: "f32" }, k: 8, rows: 2, y })).toThrow(
    "y of [2, 8]; found 2 rows and [2,9]",
  );
});
