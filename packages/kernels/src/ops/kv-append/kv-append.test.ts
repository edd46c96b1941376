import { expect, test } from "vitest";
import { empty, freeBuffersAfterAll, runToFloats, upload } from "../../testing/gpu.js";
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
];

test.each(cases)("kvAppend, $why ($position + $count in $capacity)", async (sizes) => {
  const { rows, count, kvHeads, headDim, capacity, position } = sizes;
  const [k, v] = [randomFloats(rows * kvHeads * headDim, 1), randomFloats(rows * kvHeads * headDim, 2)];
  const before = randomFloats(2 * kvHeads * capacity * headDim, 3);
  const half = before.length / 2;
  const cache = await upload(before, [2, kvHeads, capacity, headDim]);
  const dispatch = kvAppend({
    step: await upload(Uint32Array.of(position, count), [2]),
    k: await upload(k, [rows, kvHeads, headDim]),
    v: await upload(v, [rows, kvHeads, headDim]),
    cache,
  });
  const after = await runToFloats(dispatch, cache);
  expect(after.slice(0, half)).toEqual(kvAppendReference(k, before.slice(0, half), sizes));
  expect(after.slice(half)).toEqual(kvAppendReference(v, before.slice(half), sizes));
});

test("kvAppend names the shapes that disagree", async () => {
  const step = await upload(Uint32Array.of(0, 1), [2]);
  const [k, cache] = [await empty([1, 2, 8]), await empty([2, 2, 4, 9])];
  expect(() => kvAppend({ step, k, v: k, cache })).toThrow(
    "the cache [2,2,capacity,8]; found v [1,2,8] and cache [2,2,4,9]",
  );
});
