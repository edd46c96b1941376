import { expect, test } from "vitest";
import { empty, freeBuffersAfterAll, runToFloats, upload } from "../../testing/gpu.js";
import { randomFloats } from "../../testing/random.js";
import { activate } from "./activate.js";
import { activationReferences } from "./activate.reference.js";

freeBuffersAfterAll();

const sweep = (from: number, to: number, count: number) =>
  Float32Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));

test.each([
  { why: "smallest", x: Float32Array.of(-0.75), rows: 1 },
  { why: "all of the bend", x: sweep(-7, 7, 1401), rows: 1 },
  { why: "prime width past several spans", x: randomFloats(3 * 1759, 1, 2), rows: 3 },
  { why: "past where exp overflows", x: Float32Array.of(-1e30, -1000, -40, 40, 1000, 1e30), rows: 2 },
  { why: "zero, and next to it", x: Float32Array.of(0, -0, 1e-30, -1e-20), rows: 1 },
])("gelu is the exact one within 1e-6, $why", async ({ x, rows }) => {
  const shape = [rows, x.length / rows];
  const y = await empty(shape);
  const step = await upload(Uint32Array.of(3, rows), [2]);
  const actual = await runToFloats(activate({ step, x: await upload(x, shape), y, activation: "gelu" }), y);
  const errors = actual.map((value, i) => {
    const expected = activationReferences.gelu(x[i]!);
    return Math.abs(value - expected) / Math.max(1, Math.abs(expected));
  });
  expect(Math.max(...errors)).toBeLessThan(1e-6);
});

test.each(["silu", "gelu_tanh", "gelu"] as const)(
  "%s over more workgroups than one grid dimension holds",
  async (activation) => {
    const shape = [65_537, 3];
    const x = randomFloats(65_537 * 3, 5, 3);
    const y = await empty(shape);
    const step = await upload(Uint32Array.of(0, 65_537), [2]);
    const actual = await runToFloats(activate({ step, x: await upload(x, shape), y, activation }), y);
    for (let i = 0; i < x.length; i += 101)
      expect(Math.abs(actual[i]! - activationReferences[activation](x[i]!))).toBeLessThan(2e-6);
    expect(actual.at(-1)).toBeCloseTo(activationReferences[activation](x.at(-1)!), 5);
  },
);

test("activate leaves rows past count alone", async () => {
  const y = await empty([3, 4]);
  const x = await upload(new Float32Array(12).fill(1), [3, 4]);
  const step = await upload(Uint32Array.of(0, 2), [2]);
  const actual = [...(await runToFloats(activate({ step, x, y, activation: "gelu" }), y))];
  expect(actual.slice(8)).toEqual([0, 0, 0, 0]);
  expect(actual.slice(0, 8).every((value) => value > 0.8)).toBe(true);
});

test("activate names what does not fit", async () => {
  const [step, x, y] = [await empty([2], "u32"), await empty([2, 8]), await empty([1, 8])];
  expect(() => activate({ step, x, y, activation: "gelu" })).toThrow("x is [2,8], so y must be too; found [1,8]");
});
