import { expect, test } from "vitest";
import { tensor } from "../../dispatch.js";
import { empty, freeBuffersAfterAll, runToFloats, upload } from "../../testing/gpu.js";
import { randomFloats } from "../../testing/random.js";
import { compareLogits } from "./compare-logits.js";
import { compareLogitsReference } from "./compare-logits.reference.js";

freeBuffersAfterAll();

async function run(teacher: Float32Array, student: Float32Array, rows: number): Promise<Float32Array> {
  const shape = [rows, teacher.length / rows];
  const result = await empty([rows, 4]);
  const inputs = { teacher: await upload(teacher, shape), student: await upload(student, shape), result };
  return runToFloats(compareLogits({ step: await upload(Uint32Array.of(0, rows), [2]), ...inputs }), result);
}

/** Absolute errors below 1e-5, relative ones too for large divergences; top tokens exact. */
function expectClose(actual: Float32Array, expected: Float64Array): void {
  for (const [index, value] of actual.entries()) {
    const bound = index % 4 === 1 || index % 4 === 2 ? 0 : 1e-5 * Math.max(1, expected[index]! / 4);
    expect(
      Math.abs(value - expected[index]!),
      `value ${index}: ${value}, expected ${expected[index]}`,
    ).toBeLessThanOrEqual(bound);
  }
}

/** Logits as a language model has them: most near the middle, few far above; from about -25 to 25. */
function realistic(count: number, seed: number): Float32Array {
  return randomFloats(count, seed, 1).map((value) => Math.sign(value) * value * value * 2.1);
}

const cases = [
  { why: "a vocabulary of one", rows: 1, width: 1, noise: 1 },
  { why: "fewer columns than lanes", rows: 3, width: 40, noise: 1 },
  { why: "prime width, close student", rows: 5, width: 1759, noise: 0.05 },
  { why: "a student that is all but the teacher", rows: 3, width: 5000, noise: 1e-3 },
  { why: "a far student", rows: 3, width: 5000, noise: 8 },
  { why: "SmolLM2, a quantised student", rows: 4, width: 49_152, noise: 0.2 },
  { why: "SmolLM2, a distilled student", rows: 4, width: 49_152, noise: 2 },
];

test.each(cases)("compareLogits, $why ($rows × $width)", async ({ rows, width, noise }) => {
  const teacher = realistic(rows * width, width);
  const shift = randomFloats(rows * width, width + 1, noise);
  const student = teacher.map((logit, i) => logit + shift[i]! + 3); // a constant added to a row changes nothing
  expectClose(await run(teacher, student, rows), compareLogitsReference(teacher, student, width));
});

test("compareLogits of equal logits is exactly 0", async () => {
  const logits = realistic(2 * 3001, 4);
  const [first, , , , second] = await run(logits, logits, 2);
  expect([first, second]).toEqual([0, 0]);
});

test("compareLogits, a case computed by hand", async () => {
  const teacher = Float32Array.of(Math.log(0.5), Math.log(0.25), Math.log(0.25));
  const student = Float32Array.of(Math.log(0.25), Math.log(0.5), Math.log(0.25));
  const [kl, teacherTop, studentTop, entropy] = await run(teacher, student, 1);
  expect(kl).toBeCloseTo(0.25 * Math.LN2, 6); // 0.5 ln 2 - 0.25 ln 2
  expect(entropy).toBeCloseTo(1.5 * Math.LN2, 6);
  expect([teacherTop, studentTop]).toEqual([0, 1]);
});

test("compareLogits bears masked tokens", async () => {
  const teacher = Float32Array.of(1, -3.4e38, 2, -3.4e38);
  const student = Float32Array.of(2, 1, 1, -3.4e38);
  expectClose(await run(teacher, student, 1), compareLogitsReference(teacher, student, 4));
});

test("compareLogits leaves rows past count alone", async () => {
  const result = await empty([3, 4]);
  const [teacher, student] = [await upload(realistic(24, 1), [3, 8]), await upload(realistic(24, 2), [3, 8])];
  const step = await upload(Uint32Array.of(9, 2), [2]);
  const values = await runToFloats(compareLogits({ step, teacher, student, result }), result);
  expect([...values.slice(8)]).toEqual([0, 0, 0, 0]);
  expect(values[0]).toBeGreaterThan(0);
  expect(values[4]).toBeGreaterThan(0);
});

test("compareLogits says which shapes it needs", () => {
  const inputs = { step: tensor("s", [2], "u32"), teacher: tensor("t", [2, 9]), student: tensor("u", [2, 8]) };
  expect(() => compareLogits({ ...inputs, result: tensor("r", [2, 4]) })).toThrow(
    "teacher is [2,9], so student must be too and result [2,4]; found [2,8] and [2,4]. A student with another vocabulary",
  );
});
