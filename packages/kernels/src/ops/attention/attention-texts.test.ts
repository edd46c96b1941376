import { expect, test } from "vitest";
import { empty, freeBuffersAfterAll, runToFloats, upload } from "../../testing/gpu.js";
import { nmse, randomFloats } from "../../testing/random.js";
import { attentionReference } from "./attention.reference.js";
import { attentionTexts } from "./attention-texts.js";

freeBuffersAfterAll();

const cases = [
  { why: "smallest: a text that is one token", lengths: [1], heads: 1, headDim: 1 },
  { why: "texts of many lengths, fewer than four keys among them", lengths: [3, 1, 17, 4, 5], heads: 3, headDim: 16 },
  { why: "a head size that is no multiple of 4", lengths: [6, 9], heads: 2, headDim: 43 },
  { why: "the largest head, scores that would overflow exp", lengths: [11, 2], heads: 2, headDim: 256, spread: 9 },
  { why: "MiniLM, a text at its full length and another", lengths: [256, 20], heads: 12, headDim: 32 },
];

test.each(cases)("attentionTexts, $why ($lengths, $heads × $headDim)", async ({ lengths, heads, headDim, spread }) => {
  const rows = lengths.reduce((sum, length) => sum + length, 0);
  const size = rows * heads * headDim;
  const [q, k, v] = [randomFloats(size, 1, spread), randomFloats(size, 2), randomFloats(size, 3)];
  const scale = 1 / Math.sqrt(headDim);
  const spare = 3; // rows that belong to no text
  const shape = [rows + spare, heads, headDim];
  const padded = (x: Float32Array) => {
    const all = new Float32Array(size + spare * heads * headDim).fill(1e6);
    all.set(x);
    return all;
  };
  const texts = new Uint32Array(2 * (rows + spare));
  const expected = new Float64Array(size + spare * heads * headDim);
  let first = 0;
  for (const length of lengths) {
    for (let row = first; row < first + length; row++) texts.set([first, first + length], 2 * row);
    const own = (x: Float32Array) => x.subarray(first * heads * headDim, (first + length) * heads * headDim);
    const y = attentionReference({
      q: own(q),
      keys: headsFirst(own(k), heads, headDim),
      values: headsFirst(own(v), heads, headDim),
      rows: length,
      position: 0,
      heads,
      kvHeads: heads,
      capacity: length,
      headDim,
      scale,
      causal: false,
    });
    expected.set(y, first * heads * headDim);
    first += length;
  }
  const y = await empty(shape);
  const inputs = {
    step: await upload(Uint32Array.of(0, rows), [2]),
    q: await upload(padded(q), shape),
    keys: await upload(padded(k), shape),
    values: await upload(padded(v), shape),
    texts: await upload(texts, [rows + spare, 2]),
    y,
    scale,
  };
  for (const adapter of ["gpu", "software"] as const)
    expect(nmse(await runToFloats(attentionTexts({ ...inputs, adapter }), y), expected)).toBeLessThan(1e-11);
});

/** `[T, heads, headDim]` as the `[heads, T, headDim]` of a cache. */
function headsFirst(x: Float32Array, heads: number, headDim: number): Float32Array {
  const rows = x.length / heads / headDim;
  return Float32Array.from(x, (_, i) => {
    const [head, row, d] = [Math.floor(i / headDim / rows), Math.floor(i / headDim) % rows, i % headDim];
    return x[(row * heads + head) * headDim + d]!;
  });
}

test("attentionTexts names what does not fit", async () => {
  const [step, texts, q] = [await empty([2], "u32"), await empty([3, 2], "u32"), await empty([2, 4, 8])];
  const inputs = { step, q, keys: q, values: q, texts, y: q, scale: 1 };
  expect(() => attentionTexts(inputs)).toThrow("q is [2,4,8], so texts must be [2,2]; found [3,2]");
  expect(() => attentionTexts({ ...inputs, keys: texts })).toThrow("found [2,4,8], [3,2], [2,4,8] and [2,4,8]");
  const wide = { ...q, shape: [2, 1, 300] };
  expect(() =>
    attentionTexts({ ...inputs, q: wide, keys: wide, values: wide, y: wide, texts: { ...texts, shape: [2, 2] } }),
  ).toThrow("heads have 300 dimensions");
});
