import { expect, test } from "vitest";
import { KV_FORMS, kvRowWords } from "../../kv-form.js";
import { empty, freeBuffersAfterAll, runToFloats, testGpu, upload } from "../../testing/gpu.js";
import { kvTolerance, packRows, unpackRows } from "../../testing/kv.js";
import { nmse, randomFloats } from "../../testing/random.js";
import { qkvReference } from "../qkv/qkv.reference.js";
import { rmsNormReference } from "../rms-norm/rms-norm.reference.js";
import { ropeTable } from "../rope/rope-table.js";
import { ropeAppend } from "./rope-append.js";

freeBuffersAfterAll();

interface Case {
  why: string;
  rows: number;
  count: number;
  heads: number;
  kvHeads: number;
  headDim: number;
  rotaryDim?: number;
  position: number;
  capacity: number;
  /** Added to the weights of norms of heads; there are none unless given. */
  unitOffset?: 0 | 1;
}

const shapes: Case[] = [
  { why: "smallest", rows: 1, count: 1, heads: 1, kvHeads: 1, headDim: 2, position: 0, capacity: 1 },
  {
    why: "five heads over one, ragged",
    rows: 7,
    count: 5,
    heads: 5,
    kvHeads: 1,
    headDim: 32,
    position: 11,
    capacity: 20,
  },
  {
    why: "the last rows past the capacity",
    rows: 4,
    count: 4,
    heads: 2,
    kvHeads: 2,
    headDim: 6,
    position: 3,
    capacity: 5,
  },
  { why: "SmolLM2-135M, a chunk", rows: 64, count: 61, heads: 9, kvHeads: 3, headDim: 64, position: 40, capacity: 128 },
  {
    why: "Qwen3's norms of heads, a token",
    rows: 1,
    count: 1,
    heads: 16,
    kvHeads: 8,
    headDim: 128,
    position: 9,
    capacity: 64,
    unitOffset: 0,
  },
  {
    why: "Gemma's norms, a head size that is no multiple of 4",
    rows: 3,
    count: 3,
    heads: 4,
    kvHeads: 1,
    headDim: 22,
    position: 2,
    capacity: 9,
    unitOffset: 1,
  },
  {
    why: "Phi-4-mini, three quarters of each head",
    rows: 5,
    count: 4,
    heads: 3,
    kvHeads: 1,
    headDim: 128,
    rotaryDim: 96,
    position: 30,
    capacity: 40,
  },
  {
    why: "part of each head, normed",
    rows: 2,
    count: 2,
    heads: 2,
    kvHeads: 2,
    headDim: 14,
    rotaryDim: 6,
    position: 0,
    capacity: 4,
    unitOffset: 0,
  },
];
const cases = shapes.flatMap((sizes) => KV_FORMS.map((kv) => ({ ...sizes, kv })));

test.each(cases)("ropeAppend $kv, $why", async (sizes) => {
  const { rows, count, heads, kvHeads, headDim, rotaryDim = headDim, position, capacity, unitOffset, kv } = sizes;
  const width = (heads + 2 * kvHeads) * headDim;
  const projected = randomFloats(rows * width, width);
  const before = randomFloats(2 * kvHeads * capacity * headDim, 2);
  const table = ropeTable({ rotaryDim, theta: 10_000, positions: position + rows });
  const q = await empty([rows, heads, headDim]);
  const cache = await upload(packRows(before, headDim, kv), [2, kvHeads, capacity, kvRowWords(kv, headDim)]);
  const step = await upload(Uint32Array.of(position, count), [2]);
  const inputs = {
    qkv: await upload(projected, [rows, width]),
    table: await upload(table, [position + rows, rotaryDim / 2, 2]),
  };
  const norms = [randomFloats(headDim, 5), randomFloats(headDim, 6)] as const;
  const eps = 1e-6;
  const headNorm = unitOffset !== undefined && {
    q: await upload(norms[0], [headDim]),
    k: await upload(norms[1], [headDim]),
    eps,
    unitOffset,
  };
  const normed = (part: Float32Array, weight: Float32Array) =>
    unitOffset === undefined ? part : rmsNormReference(part, weight, { eps, unitOffset });
  const rotated = await runToFloats(ropeAppend({ step, ...inputs, q, cache, kv, ...(headNorm && { headNorm }) }), q);

  const queries = new Float64Array(rows * heads * headDim);
  const after = Float32Array.from(before);
  for (let row = 0; row < count; row++) {
    const at = { position: position + row, heads, kvHeads, headDim, rotaryDim };
    const own = projected.subarray(row * width, (row + 1) * width);
    const [keys, values] = [heads * headDim, (heads + kvHeads) * headDim];
    const [q, k] = [normed(own.subarray(0, keys), norms[0]), normed(own.subarray(keys, values), norms[1])];
    const expected = qkvReference([...q, ...k, ...own.subarray(values)], table, at);
    queries.set(expected.q, row * heads * headDim);
    if (at.position >= capacity) continue;
    for (let head = 0; head < 2 * kvHeads; head++) {
      after.set(
        expected.appended.subarray(head * headDim, (head + 1) * headDim),
        (head * capacity + at.position) * headDim,
      );
    }
  }
  expect(nmse(rotated, queries)).toBeLessThan(unitOffset === undefined ? 1e-13 : 1e-12);
  const cached = unpackRows((await (await testGpu()).buffers.read(cache)) as Uint32Array, headDim, kv);
  const wrong = [...cached.keys()].filter(
    (i) => !(Math.abs(cached[i]! - after[i]!) <= 1.01 * kvTolerance(after, i, headDim, kv) + 1e-7),
  );
  expect(wrong).toEqual([]);
});

test("ropeAppend names what does not fit", async () => {
  const [step, qkv, table] = [await empty([2], "u32"), await empty([1, 9]), await empty([4, 2, 2])];
  const [q, cache] = [await empty([1, 1, 4]), await empty([2, 1, 4, 4])];
  expect(() => ropeAppend({ step, qkv, table, q, cache })).toThrow(
    "qkv must be [1,12], the table [positions,2 or fewer,2] and the cache [2,kvHeads,capacity,4]; found [1,9] and [4,2,2]",
  );
});
