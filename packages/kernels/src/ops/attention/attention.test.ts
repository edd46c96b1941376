import { describe, expect, test } from "vitest";
import { empty, freeBuffersAfterAll, runToFloats, upload } from "../../testing/gpu.js";
import { nmse, randomFloats } from "../../testing/random.js";
import { attentionReference } from "./attention.reference.js";
import { attentionDecode, attentionPartials } from "./attention-decode.js";
import { attentionPrefill } from "./attention-prefill.js";

freeBuffersAfterAll();

interface Case {
  readonly why: string;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly capacity: number;
  /** Tokens in the cache before the pass. */
  readonly position: number;
  readonly window?: number;
  readonly softcap?: number;
  /** Of the queries: larger ones make sharper softmaxes. */
  readonly spread?: number;
}

const decodeCases: Case[] = [
  { why: "one key", heads: 1, kvHeads: 1, headDim: 16, capacity: 1, position: 0 },
  { why: "odd context, every head on its own", heads: 4, kvHeads: 4, headDim: 32, capacity: 50, position: 36 },
  { why: "5 heads over 1, context fills a split", heads: 5, kvHeads: 1, headDim: 32, capacity: 200, position: 63 },
  { why: "the first key of the second split", heads: 9, kvHeads: 3, headDim: 64, capacity: 129, position: 64 },
  { why: "last position of an odd capacity", heads: 9, kvHeads: 3, headDim: 64, capacity: 131, position: 130 },
  { why: "a head size that is no power of two", heads: 4, kvHeads: 2, headDim: 80, capacity: 256, position: 170 },
  { why: "Phi-3's head size", heads: 2, kvHeads: 2, headDim: 96, capacity: 100, position: 99 },
  { why: "widest heads, full workgroup of heads", heads: 16, kvHeads: 2, headDim: 256, capacity: 140, position: 129 },
  { why: "a group dealt out to three workgroups", heads: 20, kvHeads: 1, headDim: 24, capacity: 90, position: 80 },
  { why: "head size no multiple of 4", heads: 3, kvHeads: 1, headDim: 18, capacity: 90, position: 77 },
  { why: "window inside one split", heads: 4, kvHeads: 2, headDim: 32, capacity: 300, position: 290, window: 9 },
  { why: "window over three splits", heads: 4, kvHeads: 2, headDim: 32, capacity: 300, position: 257, window: 130 },
  { why: "window longer than the context", heads: 2, kvHeads: 1, headDim: 16, capacity: 64, position: 20, window: 40 },
  { why: "window of one: its own key", heads: 2, kvHeads: 1, headDim: 16, capacity: 140, position: 128, window: 1 },
  { why: "soft-cap that bites", heads: 4, kvHeads: 2, headDim: 32, capacity: 100, position: 70, softcap: 2, spread: 4 },
  { why: "sharp scores", heads: 4, kvHeads: 2, headDim: 64, capacity: 200, position: 150, spread: 20 },
  { why: "more splits than lanes combine at once", heads: 1, kvHeads: 1, headDim: 16, capacity: 8500, position: 8400 },
  { why: "SmolLM2-135M at a context of 1,000", heads: 9, kvHeads: 3, headDim: 64, capacity: 2048, position: 999 },
];

describe("attentionDecode", () => {
  test.each(decodeCases)("$why ($heads/$kvHeads × $headDim, $position)", async (inputs) => {
    const { heads, headDim } = inputs;
    const { q, reference, tensors } = await arrange(inputs, 1);
    const partials = await empty(attentionPartials(inputs));
    const y = await empty([1, heads, headDim]);
    const actual = await runToFloats(attentionDecode({ ...tensors, q, partials, y }), y);
    expect(nmse(actual, reference)).toBeLessThan(MAX_NMSE);
  });

  test("leaves its output alone when there is no token", async () => {
    const inputs = { heads: 2, kvHeads: 1, headDim: 16, capacity: 8, position: 3 };
    const { q, tensors } = await arrange(inputs, 1);
    const step = await upload(Uint32Array.of(3, 0), [2]);
    const y = await empty([1, 2, 16]);
    const partials = await empty(attentionPartials(inputs));
    expect(await runToFloats(attentionDecode({ ...tensors, step, q, partials, y }), y)).toEqual(new Float32Array(32));
  });

  test("the same dispatches serve every position, whatever the last one left in partials", async () => {
    const inputs = { heads: 6, kvHeads: 2, headDim: 16, capacity: 300 };
    const late = await arrange({ ...inputs, position: 280 }, 1);
    const partials = await empty(attentionPartials(inputs));
    const y = await empty([1, 6, 16]);
    await runToFloats(attentionDecode({ ...late.tensors, q: late.q, partials, y }), y);
    const early = await arrange({ ...inputs, position: 90 }, 1);
    const actual = await runToFloats(attentionDecode({ ...early.tensors, q: early.q, partials, y }), y);
    expect(nmse(actual, early.reference)).toBeLessThan(MAX_NMSE);
  });

  test("says what to use for several tokens, and how large partials must be", async () => {
    const inputs = { heads: 4, kvHeads: 2, headDim: 16, capacity: 100, position: 0 };
    const { q, tensors } = await arrange(inputs, 3);
    const y = await empty([3, 4, 16]);
    const partials = await empty(attentionPartials(inputs));
    expect(() => attentionDecode({ ...tensors, q, partials, y })).toThrow("Use attentionPrefill for 3");
    const one = await empty([1, 4, 16]);
    const small = await empty([4, 1, 18]);
    expect(() => attentionDecode({ ...tensors, q: one, partials: small, y: one })).toThrow(
      "partials must be [4,2,18] (attentionPartials) for 4 heads and a capacity of 100; found [4,1,18]",
    );
  });
});

interface PrefillCase extends Case {
  /** Rows of the pass that hold tokens. */
  readonly count: number;
  /** Rows a pass has room for; count unless given. */
  readonly rows?: number;
  readonly causal?: boolean;
}

const prefillCases: PrefillCase[] = [
  { why: "one key, one row", heads: 1, kvHeads: 1, headDim: 16, capacity: 1, position: 0, count: 1 },
  { why: "several groups, one tile of keys", heads: 9, kvHeads: 3, headDim: 64, capacity: 20, position: 0, count: 13 },
  {
    why: "ragged pass after a prefix",
    heads: 4,
    kvHeads: 2,
    headDim: 32,
    capacity: 150,
    position: 70,
    count: 21,
    rows: 40,
  },
  {
    why: "5 heads over 1, the last capacity",
    heads: 5,
    kvHeads: 1,
    headDim: 32,
    capacity: 101,
    position: 60,
    count: 41,
  },
  { why: "every head on its own", heads: 4, kvHeads: 4, headDim: 48, capacity: 90, position: 1, count: 66 },
  {
    why: "a head size that is no power of two",
    heads: 4,
    kvHeads: 2,
    headDim: 80,
    capacity: 70,
    position: 3,
    count: 50,
  },
  { why: "Phi-3's head size", heads: 2, kvHeads: 2, headDim: 96, capacity: 64, position: 0, count: 64 },
  { why: "heads of 128", heads: 6, kvHeads: 2, headDim: 128, capacity: 64, position: 5, count: 37 },
  { why: "heads of 192", heads: 2, kvHeads: 1, headDim: 192, capacity: 40, position: 2, count: 35 },
  { why: "widest heads, eight to a group", heads: 8, kvHeads: 1, headDim: 256, capacity: 33, position: 9, count: 24 },
  { why: "head size no multiple of 4", heads: 3, kvHeads: 1, headDim: 18, capacity: 60, position: 0, count: 45 },
  {
    why: "window shorter than a tile",
    heads: 4,
    kvHeads: 2,
    headDim: 32,
    capacity: 200,
    position: 120,
    count: 50,
    window: 9,
  },
  { why: "window past a tile", heads: 4, kvHeads: 2, headDim: 16, capacity: 200, position: 0, count: 150, window: 45 },
  {
    why: "window of one: its own key",
    heads: 1,
    kvHeads: 1,
    headDim: 16,
    capacity: 80,
    position: 7,
    count: 70,
    window: 1,
  },
  {
    why: "soft-cap that bites",
    heads: 4,
    kvHeads: 2,
    headDim: 32,
    capacity: 90,
    position: 0,
    count: 60,
    softcap: 2,
    spread: 4,
  },
  { why: "sharp scores", heads: 4, kvHeads: 2, headDim: 64, capacity: 90, position: 10, count: 70, spread: 20 },
  {
    why: "an encoder, every row sees all",
    heads: 4,
    kvHeads: 4,
    headDim: 32,
    capacity: 80,
    position: 0,
    count: 71,
    causal: false,
  },
  {
    why: "SmolLM2-135M, a chunk after a long prefix",
    heads: 9,
    kvHeads: 3,
    headDim: 64,
    capacity: 512,
    position: 300,
    count: 40,
  },
];

describe("attentionPrefill", () => {
  test.each(prefillCases)("$why ($heads/$kvHeads × $headDim, $position + $count)", async (inputs) => {
    const { heads, headDim, count, rows = count, causal = true } = inputs;
    const { q, reference, tensors } = await arrange(inputs, count, rows);
    const y = await empty([rows, heads, headDim]);
    const actual = await runToFloats(attentionPrefill({ ...tensors, q, y, causal }), y);
    const written = count * heads * headDim;
    expect(nmse(actual.subarray(0, written), reference)).toBeLessThan(MAX_NMSE);
    expect(actual.subarray(written).every((value) => value === 0)).toBe(true);
  });

  test("agrees with decode on one token", async () => {
    const inputs = { heads: 6, kvHeads: 2, headDim: 64, capacity: 100, position: 76 };
    const { q, tensors } = await arrange(inputs, 1);
    const [a, b] = [await empty([1, 6, 64]), await empty([1, 6, 64])];
    const partials = await empty(attentionPartials(inputs));
    const decoded = await runToFloats(attentionDecode({ ...tensors, q, partials, y: a }), a);
    expect(nmse(await runToFloats(attentionPrefill({ ...tensors, q, y: b }), b), decoded)).toBeLessThan(MAX_NMSE);
  });

  test("says which shape is wrong", async () => {
    const step = await upload(Uint32Array.of(0, 1), [2]);
    const of = async (...shape: number[]) => empty(shape);
    const good = {
      step,
      q: await of(2, 4, 16),
      keys: await of(2, 8, 16),
      values: await of(2, 8, 16),
      y: await of(2, 4, 16),
    };
    const prefill = (changes: object) => () => attentionPrefill({ ...good, scale: 1, ...changes });
    const [three, narrow] = [await of(3, 8, 16), await of(2, 8, 12)];
    expect(prefill({ keys: three, values: three })).toThrow("4 query heads cannot share 3 KV heads evenly");
    expect(prefill({ keys: narrow })).toThrow(
      "keys and values must be [kvHeads, capacity, 16]; found [2,8,12] and [2,8,16]",
    );
    const [wideQ, wideK] = [await of(1, 1, 320), await of(1, 1, 320)];
    expect(prefill({ q: wideQ, y: wideQ, keys: wideK, values: wideK })).toThrow(
      "320 dimensions; this kernel holds 1 to 256",
    );
    expect(prefill({ window: 0 })).toThrow("window is 0; it must be a whole number of at least 1");
    expect(prefill({ window: 4, causal: false })).toThrow("a window of 4 looks backwards only");
    expect(prefill({ softcap: -1 })).toThrow("softcap is -1; it must be above 0");
  });
});

const MAX_NMSE = 1e-11; // f32 rounding, and exp to a few units in the last place

/** Random inputs for `count` tokens after `position`. What the cache holds past them is NaN: nothing may come of it. */
async function arrange(inputs: Omit<Case, "why"> & { causal?: boolean }, count: number, rows = count) {
  const { heads, kvHeads, headDim, capacity, position, window, softcap, spread = 1 } = inputs;
  const scale = 1 / Math.sqrt(headDim);
  const q = randomFloats(rows * heads * headDim, position + 1, spread);
  const cache = (seed: number) => {
    const values = randomFloats(kvHeads * capacity * headDim, seed);
    for (let head = 0; head < kvHeads; head++) {
      values.fill(Number.NaN, (head * capacity + position + count) * headDim, (head + 1) * capacity * headDim);
    }
    return values;
  };
  const [keys, values] = [cache(headDim), cache(headDim + 1)];
  return {
    q: await upload(q, [rows, heads, headDim]),
    reference: attentionReference({ ...inputs, q, keys, values, scale, rows: count }),
    tensors: {
      step: await upload(Uint32Array.of(position, count), [2]),
      keys: await upload(keys, [kvHeads, capacity, headDim]),
      values: await upload(values, [kvHeads, capacity, headDim]),
      scale,
      window,
      softcap,
    },
  };
}
