import { expect, test } from "vitest";
import { tensor } from "../../dispatch.js";
import { empty, freeBuffersAfterAll, runToFloats, upload } from "../../testing/gpu.js";
import { randomFloats } from "../../testing/random.js";
import { TOP_TOKENS, topTokens } from "./top-tokens.js";
import { topTokensReference } from "./top-tokens.reference.js";

freeBuffersAfterAll();

async function run(logits: Float32Array, rows: number, count = rows): Promise<Float32Array> {
  const result = await empty([rows, TOP_TOKENS, 2]);
  const step = await upload(Uint32Array.of(3, count), [2]);
  const dispatch = topTokens({ step, logits: await upload(logits, [rows, logits.length / rows]), result });
  return runToFloats(dispatch, result);
}

const cases = [
  { why: "fewer tokens than are kept", rows: 2, width: 3 },
  { why: "fewer columns than lanes", rows: 3, width: 40 },
  { why: "prime width", rows: 5, width: 1759 },
  { why: "SmolLM2", rows: 2, width: 49_152 },
  { why: "Qwen2.5", rows: 1, width: 151_936 },
];

test.each(cases)("topTokens, $why ($rows × $width)", async ({ rows, width }) => {
  const logits = randomFloats(rows * width, width, 9);
  const found = await run(logits, rows);
  for (let row = 0; row < rows; row++) {
    const expected = topTokensReference(logits.slice(row * width, (row + 1) * width), TOP_TOKENS);
    for (let place = 0; place < TOP_TOKENS; place++) {
      const [token, logProbability] = found.slice(2 * (row * TOP_TOKENS + place));
      expect(token, `row ${row}, place ${place}`).toBe(expected[place]?.token ?? -1);
      if (expected[place]) expect(logProbability).toBeCloseTo(expected[place]!.logProbability, 5);
    }
  }
});

test("topTokens: of equal logits the first come first, also when one lane sees them all", async () => {
  const logits = new Float32Array(3000);
  for (let lane = 0; lane < 8; lane++) logits[7 + 256 * lane] = 2;
  const found = await run(logits, 1);
  expect([...found.filter((_, index) => index % 2 === 0)]).toEqual([7, 263, 519, 775, 1031]);
});

test("topTokens: a case computed by hand", async () => {
  const found = await run(Float32Array.from([0.1, 0.6, 0.3], Math.log), 1);
  expect([...found.slice(0, 6)].map((value) => Number(value.toFixed(5)))).toEqual(
    [1, Math.log(0.6), 2, Math.log(0.3), 0, Math.log(0.1)].map((value) => Number(value.toFixed(5))),
  );
});

test("topTokens leaves rows past count alone, and says which shapes it needs", async () => {
  const found = await run(randomFloats(60, 1), 3, 2);
  expect([...found.slice(4 * TOP_TOKENS)]).toEqual(Array(2 * TOP_TOKENS).fill(0));
  const [step, logits] = [tensor("s", [2], "u32"), tensor("l", [3, 9])];
  expect(() => topTokens({ step, logits, result: tensor("r", [3, 10]) })).toThrow(
    "topTokens: logits are [3,9], so result must be [3,5,2]; found [3,10].",
  );
});
