import { expect, test } from "vitest";
import { tensor } from "../../dispatch.js";
import { empty, freeBuffersAfterAll, runToFloats, upload } from "../../testing/gpu.js";
import { randomFloats, randomWords } from "../../testing/random.js";
import { nll } from "./nll.js";
import { nllReference } from "./nll.reference.js";

freeBuffersAfterAll();

const cases = [
  { why: "a vocabulary of one", rows: 1, width: 1, spread: 1 },
  { why: "fewer columns than lanes", rows: 3, width: 40, spread: 2 },
  { why: "prime width", rows: 5, width: 1759, spread: 4 },
  { why: "a flat row", rows: 2, width: 1000, spread: 0 },
  { why: "logits from -80 to 80", rows: 3, width: 300, spread: 25 },
  { why: "SmolLM2", rows: 2, width: 49_152, spread: 8 },
];

test.each(cases)("nll, $why ($rows × $width)", async ({ rows, width, spread }) => {
  const logits = randomFloats(rows * width, width, spread);
  const targets = randomWords(rows, rows).map((word) => word % width);
  const result = await empty([rows]);
  const actual = await runToFloats(
    nll({
      step: await upload(Uint32Array.of(0, rows), [2]),
      logits: await upload(logits, [rows, width]),
      targets: await upload(targets, [rows]),
      result,
    }),
    result,
  );
  const expected = nllReference(logits, targets, width);
  for (const [row, value] of actual.entries()) expect(Math.abs(value - expected[row]!)).toBeLessThan(1e-5);
});

test("nll counts no target past the vocabulary and leaves rows past count alone", async () => {
  const result = await upload(Float32Array.of(9, 9, 9), [3]);
  const dispatch = nll({
    step: await upload(Uint32Array.of(4, 2), [2]),
    logits: await empty([3, 4]),
    targets: await upload(Uint32Array.of(0xffff_ffff, 3, 0), [3]),
    result,
  });
  const [none, even, past] = await runToFloats(dispatch, result);
  expect(none).toBe(0);
  expect(even).toBeCloseTo(Math.log(4), 6);
  expect(past).toBe(9);
});

test("nll says which shapes it needs", () => {
  const step = tensor("step", [2], "u32");
  const inputs = { step, logits: tensor("logits", [3, 4]), targets: tensor("targets", [2]), result: tensor("r", [3]) };
  expect(() => nll(inputs)).toThrow("logits are [3,4], so targets and result must be [3]; found [2] and [3]");
});
