import { expect, test } from "vitest";
import { KV_FORMS, kvRowWords } from "../../kv-form.js";
import { empty, freeBuffersAfterAll, runToArray, upload } from "../../testing/gpu.js";
import { kvTolerance, packRows, unpackRows } from "../../testing/kv.js";
import { randomFloats } from "../../testing/random.js";
import { kvAppend } from "./kv-append.js";
import { kvAppendReference } from "./kv-append.reference.js";

freeBuffersAfterAll();

const cases = [
  { why: "smallest", rows: 1, count: 1, kvHeads: 1, headDim: 1, capacity: 1, position: 0 },
  { why: "a token in the middle", rows: 1, count: 1, kvHeads: 3, headDim: 64, capacity: 9, position: 4 },
  { why: "the last position", rows: 1, count: 1, kvHeads: 2, headDim: 16, capacity: 7, position: 6 },
  { why: "a ragged pass", rows: 8, count: 5, kvHeads: 3, headDim: 80, capacity: 20, position: 2 },
  { why: "a pass that runs past the capacity", rows: 6, count: 6, kvHeads: 2, headDim: 18, capacity: 10, position: 7 },
  { why: "a pass wholly past the capacity", rows: 2, count: 2, kvHeads: 2, headDim: 16, capacity: 10, position: 10 },
  { why: "no token", rows: 2, count: 0, kvHeads: 1, headDim: 16, capacity: 4, position: 1 },
  { why: "widest heads", rows: 1, count: 1, kvHeads: 2, headDim: 320, capacity: 2, position: 1 },
].flatMap((sizes) => KV_FORMS.map((kv) => ({ ...sizes, kv })));

test.each(cases)("kvAppend $kv, $why ($position + $count in $capacity)", async (sizes) => {
  const { rows, count, kvHeads, headDim, capacity, position, kv } = sizes;
  const [k, v] = [randomFloats(rows * kvHeads * headDim, 1), randomFloats(rows * kvHeads * headDim, 2, 30)];
  const before = randomFloats(2 * kvHeads * capacity * headDim, 3);
  const half = before.length / 2;
  const cache = await upload(packRows(before, headDim, kv), [2, kvHeads, capacity, kvRowWords(kv, headDim)]);
  const dispatch = kvAppend({
    step: await upload(Uint32Array.of(position, count), [2]),
    k: await upload(k, [rows, kvHeads, headDim]),
    v: await upload(v, [rows, kvHeads, headDim]),
    cache,
    kv,
  });
  const after = unpackRows((await runToArray(dispatch, cache)) as Uint32Array, headDim, kv);
  const expected = Float32Array.of(
    ...kvAppendReference(k, before.slice(0, half), sizes),
    ...kvAppendReference(v, before.slice(half), sizes),
  );
  const wrong = [...after.keys()].filter(
    (i) => !(Math.abs(after[i]! - expected[i]!) <= kvTolerance(expected, i, headDim, kv)),
  );
  expect(wrong).toEqual([]);
});

test("kvAppend keeps what f16 cannot hold finite, and a row of zeros zero", async () => {
  const k = Float32Array.of(1e6, -1e6, 1, 0);
  const append = async (kv: "f16" | "int8") => {
    const words = kvRowWords(kv, 4);
    const cache = await empty([2, 1, 1, words], "u32");
    const [step, zeros] = [await upload(Uint32Array.of(0, 1), [2]), await empty([1, 1, 4])];
    const dispatch = kvAppend({ step, k: await upload(k, [1, 1, 4]), v: zeros, cache, kv });
    return [...unpackRows((await runToArray(dispatch, cache)) as Uint32Array, 4, kv)];
  };
  expect(await append("f16")).toEqual([65504, -65504, 1, 0, 0, 0, 0, 0]);
  expect((await append("int8")).slice(4)).toEqual([0, 0, 0, 0]);
});

test("kvAppend names the shapes that disagree", async () => {
  const step = await upload(Uint32Array.of(0, 1), [2]);
  const [k, cache] = [await empty([1, 2, 8]), await empty([2, 2, 4, 9])];
  expect(() => kvAppend({ step, k, v: k, cache })).toThrow(
    "the f32 cache [2,2,capacity,8]; found v [1,2,8] and cache [2,2,4,9]",
  );
  expect(() => kvAppend({ step, k, v: k, cache, kv: "int8" })).toThrow("the int8 cache [2,2,capacity,3]");
});
