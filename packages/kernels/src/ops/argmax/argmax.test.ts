import { expect, test } from "vitest";
import { empty, freeBuffersAfterAll, runToArray, upload } from "../../testing/gpu.js";
import { randomFloats } from "../../testing/random.js";
import { argmax, argmaxScratch } from "./argmax.js";
import { argmaxReference } from "./argmax.reference.js";

freeBuffersAfterAll();

async function run(logits: Float32Array, rows: number, width: number): Promise<Uint32Array> {
  const ids = await empty([rows], "u32");
  const scratch = await empty(argmaxScratch([rows, width]), "u32");
  return (await runToArray(argmax({ logits: await upload(logits, [rows, width]), ids, scratch }), ids)) as Uint32Array;
}

const cases = [
  { why: "smallest", rows: 1, width: 1 },
  { why: "fewer columns than lanes", rows: 3, width: 40 },
  { why: "prime width past a chunk", rows: 7, width: 4099 },
  { why: "more rows than one grid dimension holds", rows: 65_537, width: 5 },
  { why: "SmolLM2, a decode step", rows: 1, width: 49_152 },
  { why: "Qwen2.5, three rows", rows: 3, width: 151_936 },
  { why: "Gemma 3, a decode step", rows: 1, width: 262_144 },
];

test.each(cases)("argmax, $why ($rows × $width)", async ({ rows, width }) => {
  const logits = randomFloats(rows * width, rows + width, 8);
  expect(await run(logits, rows, width)).toEqual(argmaxReference(logits, width));
});

const places = [
  { why: "all equal", width: 5000, fill: 1, set: {}, winner: 0 },
  {
    why: "equals in one lane, in two lanes and in two chunks",
    width: 5000,
    fill: 0,
    set: { 70: 2, 198: 2, 71: 2, 4000: 2 },
    winner: 70,
  },
  { why: "all negative", width: 300, fill: -2, set: { 299: -1 }, winner: 299 },
  { why: "all masked but one", width: 300, fill: -3.4e38, set: { 7: -3.3e38 }, winner: 7 },
  { why: "minus zero before zero, which are equal", width: 300, fill: -1, set: { 5: -0, 6: 0 }, winner: 5 },
  { why: "very small numbers", width: 3, fill: -1, set: { 0: 1e-20, 2: 2e-20 }, winner: 2 },
];

test.each(places)("argmax, $why", async ({ width, fill, set, winner }) => {
  const logits = new Float32Array(width).fill(fill);
  for (const [index, value] of Object.entries(set)) logits[Number(index)] = value;
  expect([...(await run(logits, 1, width))]).toEqual([winner]);
});

test("argmax says which shapes it needs", async () => {
  const inputs = {
    logits: await empty([2, 5000]),
    ids: await empty([2], "u32"),
    scratch: await empty([2, 2, 2], "u32"),
  };
  expect(() => argmax(inputs)).toThrow("ids must be [2] and scratch [2,3,2] (argmaxScratch); found [2] and [2,2,2]");
});
