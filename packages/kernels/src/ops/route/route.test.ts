import { expect, test } from "vitest";
import { empty, freeBuffersAfterAll, runToArray, upload } from "../../testing/gpu.js";
import { randomFloats } from "../../testing/random.js";
import { route } from "./route.js";
import { routeReference } from "./route.reference.js";

freeBuffersAfterAll();

const cases = [
  { why: "one expert", tokens: 1, experts: 1, topK: 1, normalise: false },
  { why: "one of three", tokens: 5, experts: 3, topK: 1, normalise: false },
  { why: "one of three, whose weight is then 1", tokens: 5, experts: 3, topK: 1, normalise: true },
  { why: "all of them", tokens: 3, experts: 7, topK: 7, normalise: false },
  { why: "Mixtral", tokens: 9, experts: 8, topK: 2, normalise: true },
  { why: "Qwen1.5-MoE: no power of two", tokens: 4, experts: 60, topK: 4, normalise: false },
  { why: "Qwen3-30B-A3B: more experts than lanes", tokens: 17, experts: 128, topK: 8, normalise: true },
  { why: "more chosen than lanes", tokens: 2, experts: 200, topK: 70, normalise: true },
];

test.each(cases)("route, $why ($topK of $experts, $tokens tokens)", async ({ tokens, ...sizes }) => {
  const logits = randomFloats(tokens * sizes.experts, tokens + sizes.experts, 3);
  const found = await choicesOf(logits, tokens, sizes);
  const expected = routeReference(logits, sizes);
  expect(found.map((row) => row.map(({ expert }) => expert))).toEqual(
    expected.map((row) => row.map(({ expert }) => expert)),
  );
  for (const [token, row] of expected.entries())
    for (const [i, { weight }] of row.entries()) expect(found[token]![i]!.weight).toBeCloseTo(weight, 5);
});

test("of equal logits the lower index goes first, and large ones do not overflow", async () => {
  const [found] = await choicesOf(Float32Array.of(-1e4, 500, 7, 500, 500), 1, {
    experts: 5,
    topK: 3,
    normalise: false,
  });
  expect(found!.map(({ expert }) => expert)).toEqual([1, 3, 4]);
  for (const { weight } of found!) expect(weight).toBeCloseTo(1 / 3, 6);
});

test("route leaves tokens past count alone", async () => {
  const choices = await upload(new Uint32Array(8).fill(9), [2, 2, 2]);
  const step = await upload(Uint32Array.of(5, 1), [2]);
  const logits = await upload(Float32Array.of(0, 1, 2, 2, 1, 0), [2, 3]);
  const words = await runToArray(route({ step, logits, choices, normalise: true }), choices);
  expect([words[0], words[2], ...words.subarray(4)]).toEqual([2, 1, 9, 9, 9, 9]);
});

test("route says what does not fit", async () => {
  const [step, logits, choices] = [await empty([2], "u32"), await empty([1, 3]), await empty([1, 4, 2], "u32")];
  expect(() => route({ step, logits, choices, normalise: true })).toThrow(
    "logits are [1,3] and choices [1,4,2]; [T, experts] and [T, top_k, 2] were expected",
  );
});

async function choicesOf(
  logits: Float32Array,
  tokens: number,
  { experts, topK, normalise }: { experts: number; topK: number; normalise: boolean },
) {
  const choices = await empty([tokens, topK, 2], "u32");
  const step = await upload(Uint32Array.of(2, tokens), [2]);
  const dispatch = route({ step, logits: await upload(logits, [tokens, experts]), choices, normalise });
  const words = (await runToArray(dispatch, choices)) as Uint32Array;
  const weights = new Float32Array(words.buffer);
  return Array.from({ length: tokens }, (_, token) =>
    Array.from({ length: topK }, (_, i) => ({
      expert: words[2 * (token * topK + i)]!,
      weight: weights[2 * (token * topK + i) + 1]!,
    })),
  );
}
