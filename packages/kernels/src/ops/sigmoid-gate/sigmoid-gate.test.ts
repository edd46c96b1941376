import { expect, test } from "vitest";
import { empty, freeBuffersAfterAll, runToFloats, upload } from "../../testing/gpu.js";
import { nmse, randomFloats } from "../../testing/random.js";
import { sigmoidGate } from "./sigmoid-gate.js";
import { sigmoidGateReference } from "./sigmoid-gate.reference.js";

freeBuffersAfterAll();

test.each([
  { why: "smallest", rows: 1, width: 1 },
  { why: "odd sizes past a span, a residual", rows: 5, width: 1759, residual: true },
  { why: "Qwen1.5-MoE", rows: 2, width: 2048, residual: true },
])("sigmoidGate, $why ($rows × $width)", async ({ rows, width, residual }) => {
  const [x, gate] = [randomFloats(rows * width, 1), randomFloats(rows, 2, 3)];
  const other = residual ? randomFloats(rows * width, 3) : undefined;
  const y = await empty([rows, width]);
  const dispatch = sigmoidGate({
    step: await upload(Uint32Array.of(3, rows), [2]),
    gate: await upload(gate, [rows, 1]),
    x: await upload(x, [rows, width]),
    y,
    ...(other && { residual: await upload(other, [rows, width]) }),
  });
  expect(nmse(await runToFloats(dispatch, y), sigmoidGateReference(x, gate, width, other))).toBeLessThan(1e-12);
});

test("a gate far from zero is shut or open, and rows past count are left alone", async () => {
  const y = await upload(new Float32Array(3).fill(7), [3, 1]);
  const step = await upload(Uint32Array.of(0, 2), [2]);
  const [gate, x] = [
    await upload(Float32Array.of(-1e4, 1e4, 0), [3, 1]),
    await upload(Float32Array.of(5, 5, 5), [3, 1]),
  ];
  const actual = await runToFloats(sigmoidGate({ step, gate, x, y }), y);
  expect(actual[0]).toBeCloseTo(0);
  expect([...actual.subarray(1)]).toEqual([5, 7]);
});

test("sigmoidGate says what does not fit", async () => {
  const [step, gate, x] = [await empty([2], "u32"), await empty([2, 2]), await empty([2, 8])];
  expect(() => sigmoidGate({ step, gate, x, y: x })).toThrow("x is [2,8], so gate must be [2,1]");
});
