import { expect, test } from "vitest";
import type { Activation } from "../../parts/activations.js";
import { empty, freeBuffersAfterAll, runToFloats, upload } from "../../testing/gpu.js";
import { nmse, randomFloats } from "../../testing/random.js";
import { swiglu, swigluMerged } from "./swiglu.js";
import { swigluReference } from "./swiglu.reference.js";

freeBuffersAfterAll();

const cases: { why: string; rows: number; width: number; activation: Activation; spread?: number }[] = [
  { why: "smallest", rows: 1, width: 1, activation: "silu" },
  { why: "GELU, fewer columns than lanes", rows: 3, width: 40, activation: "gelu_tanh" },
  { why: "prime width past several spans", rows: 5, width: 1759, activation: "silu" },
  { why: "values where exp alone would overflow", rows: 2, width: 600, activation: "silu", spread: 100 },
  { why: "values where tanh would be NaN", rows: 2, width: 600, activation: "gelu_tanh", spread: 100 },
  { why: "more rows than one grid dimension holds", rows: 65_537, width: 3, activation: "silu" },
  { why: "SmolLM2-135M, a prefill chunk", rows: 64, width: 1536, activation: "silu" },
];

test.each(cases)("swiglu, $why ($rows × $width, $activation)", async ({ rows, width, activation, spread = 2 }) => {
  const gate = randomFloats(rows * width, rows, spread);
  const up = randomFloats(rows * width, width);
  const y = await empty([rows, width]);
  const actual = await runToFloats(
    swiglu({
      step: await upload(Uint32Array.of(0, rows), [2]),
      gate: await upload(gate, [rows, width]),
      up: await upload(up, [rows, width]),
      y,
      activation,
    }),
    y,
  );
  expect(nmse(actual, swigluReference(gate, up, activation))).toBeLessThan(1e-12);
});

test.each(cases.slice(0, 4))(
  "swigluMerged, $why ($rows × $width, $activation)",
  async ({ rows, width, activation, spread = 2 }) => {
    const both = randomFloats(2 * rows * width, rows, spread);
    const half = (from: number) =>
      Float32Array.from(
        { length: rows * width },
        (_, i) => both[2 * Math.floor(i / width) * width + from * width + (i % width)]!,
      );
    const y = await empty([rows, width]);
    const step = await upload(Uint32Array.of(0, rows), [2]);
    const dispatch = swigluMerged({ step, gateUp: await upload(both, [rows, 2 * width]), y, activation });
    expect(nmse(await runToFloats(dispatch, y), swigluReference(half(0), half(1), activation))).toBeLessThan(1e-12);
    expect(() => swigluMerged({ step, gateUp: y, y, activation })).toThrow(`gateUp must be [${rows},${2 * width}]`);
  },
);

test("swiglu leaves rows past count alone", async () => {
  const y = await empty([4, 8]);
  const ones = await upload(new Float32Array(32).fill(1), [4, 8]);
  const step = await upload(Uint32Array.of(7, 3), [2]);
  const actual = await runToFloats(swiglu({ step, gate: ones, up: ones, y, activation: "silu" }), y);
  expect([...actual.slice(24)]).toEqual(new Array(8).fill(0));
  expect(actual.slice(0, 24).every((value) => value > 0.7)).toBe(true);
});

test("swiglu names the shapes when they disagree", async () => {
  const step = await upload(Uint32Array.of(0, 1), [2]);
  const inputs = { step, gate: await empty([1, 8]), up: await empty([1, 9]), y: await empty([1, 8]) };
  expect(() => swiglu({ ...inputs, activation: "silu" })).toThrow(
    "gate is [1,8], so up and y must be too; found [1,9] and [1,8]",
  );
});
