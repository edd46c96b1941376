import { describe, expect, test } from "vitest";
import { type KvForm, kvRowWords } from "../../kv-form.js";
import { empty, freeBuffersAfterAll, runToFloats, testTargets, upload } from "../../testing/gpu.js";
import { packRows, unpackRows } from "../../testing/kv.js";
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
  /** f32 unless given. */
  readonly kv?: KvForm;
}

// Compiling takes longer than running on a software adapter, so cases share head counts and sizes where they can.
const smol = { heads: 9, kvHeads: 3, headDim: 64 }; // SmolLM2-135M
const small = { heads: 4, kvHeads: 2, headDim: 32 };

const decodeCases: Case[] = [
  { why: "one key", ...smol, capacity: 1, position: 0 },
  { why: "the first key of the second split", ...smol, capacity: 129, position: 64 },
  { why: "last position of an odd capacity", ...smol, capacity: 131, position: 130 },
  { why: "sharp scores", ...smol, capacity: 200, position: 150, spread: 20 },
  { why: "SmolLM2-135M at a context of 1,000", ...smol, capacity: 2048, position: 999 },
  { why: "5 heads over 1, context fills a split", heads: 5, kvHeads: 1, headDim: 32, capacity: 200, position: 63 },
  { why: "no groups, head size no power of two", heads: 4, kvHeads: 4, headDim: 80, capacity: 256, position: 170 },
  { why: "a group dealt out, the last share short", heads: 14, kvHeads: 2, headDim: 96, capacity: 100, position: 99 },
  { why: "widest heads", heads: 4, kvHeads: 2, headDim: 256, capacity: 140, position: 129 },
  { why: "head size no multiple of 4", heads: 3, kvHeads: 1, headDim: 18, capacity: 90, position: 77 },
  { why: "window inside one split", ...small, capacity: 300, position: 290, window: 9 },
  { why: "window over three splits", ...small, capacity: 300, position: 257, window: 130 },
  { why: "window longer than the context", ...small, capacity: 64, position: 20, window: 130 },
  { why: "soft-cap that bites", ...small, capacity: 100, position: 70, softcap: 2, spread: 4 },
  ...(["f16", "int8"] as const).flatMap((kv) => [
    { why: "SmolLM2-135M at 200", ...smol, capacity: 256, position: 199, kv },
    { why: "head size no multiple of 4", heads: 3, kvHeads: 1, headDim: 18, capacity: 90, position: 77, kv },
  ]),
  { why: "more splits than lanes combine at once", heads: 1, kvHeads: 1, headDim: 16, capacity: 8500, position: 8400 },
];

describe("attentionDecode", () => {
  test.each(decodeCases.map((one) => ({ kv: "f32" as KvForm, ...one })))(
    "$why, $kv ($heads/$kvHeads × $headDim, $position)",
    async (inputs) => {
      const { heads, headDim } = inputs;
      const { q, reference, tensors } = await arrange(inputs, 1);
      const partials = await empty(attentionPartials(inputs));
      for (const target of await testTargets()) {
        const y = await empty([1, heads, headDim]);
        const actual = await runToFloats(attentionDecode({ ...tensors, q, partials, y, ...target }), y);
        expect(nmse(actual, reference), JSON.stringify(target)).toBeLessThan(MAX_NMSE);
      }
    },
  );

  test("leaves its output alone when there is no token", async () => {
    const inputs = { ...smol, capacity: 8, position: 3 };
    const { q, tensors } = await arrange(inputs, 1);
    const step = await upload(Uint32Array.of(3, 0), [2]);
    const partials = await empty(attentionPartials(inputs));
    for (const target of await testTargets()) {
      const y = await empty([1, 9, 64]);
      const dispatches = attentionDecode({ ...tensors, step, q, partials, y, ...target });
      expect(await runToFloats(dispatches, y), JSON.stringify(target)).toEqual(new Float32Array(9 * 64));
    }
  });

  test("the same dispatches serve every position, whatever the last one left in partials", async () => {
    const inputs = { ...smol, capacity: 300 };
    const late = await arrange({ ...inputs, position: 280 }, 1);
    const partials = await empty(attentionPartials(inputs));
    const y = await empty([1, 9, 64]);
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
      "partials must be [4,2,80] (attentionPartials) for 4 heads and a capacity of 100; found [4,1,18]",
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
  { why: "one key, one row", ...smol, capacity: 1, position: 0, count: 1 },
  { why: "one tile of keys", ...smol, capacity: 20, position: 0, count: 13 },
  { why: "ragged pass after a prefix", ...smol, capacity: 150, position: 70, count: 21, rows: 40 },
  { why: "the last position of the capacity", ...smol, capacity: 101, position: 60, count: 41 },
  { why: "sharp scores", ...smol, capacity: 90, position: 10, count: 70, spread: 20 },
  { why: "a chunk after a long prefix", ...smol, capacity: 512, position: 300, count: 40 },
  { why: "5 heads over 1", heads: 5, kvHeads: 1, headDim: 16, capacity: 90, position: 1, count: 66 },
  {
    why: "no groups, head size no power of two",
    heads: 4,
    kvHeads: 4,
    headDim: 80,
    capacity: 70,
    position: 3,
    count: 50,
  },
  { why: "fewer keys than lanes", heads: 6, kvHeads: 2, headDim: 128, capacity: 64, position: 5, count: 37 },
  { why: "widest heads, eight to a group", heads: 8, kvHeads: 1, headDim: 256, capacity: 33, position: 9, count: 24 },
  { why: "head size no multiple of 4", heads: 3, kvHeads: 1, headDim: 18, capacity: 60, position: 0, count: 45 },
  { why: "window shorter than a tile", ...small, capacity: 200, position: 120, count: 50, window: 9 },
  { why: "window past a tile", ...small, capacity: 200, position: 0, count: 150, window: 45 },
  {
    why: "soft-cap that bites",
    heads: 2,
    kvHeads: 1,
    headDim: 192,
    capacity: 60,
    position: 0,
    count: 40,
    softcap: 2,
    spread: 4,
  },
  {
    why: "an encoder, every row sees all",
    heads: 2,
    kvHeads: 2,
    headDim: 96,
    capacity: 80,
    position: 0,
    count: 71,
    rows: 72,
    causal: false,
  },
  ...(["f16", "int8"] as const).flatMap((kv) => [
    { why: "a ragged pass after a prefix", ...smol, capacity: 150, position: 70, count: 21, rows: 40, kv },
    { why: "head size no multiple of 4", heads: 3, kvHeads: 1, headDim: 18, capacity: 60, position: 0, count: 45, kv },
  ]),
];

describe("attentionPrefill", () => {
  test.each(prefillCases.map((one) => ({ kv: "f32" as KvForm, ...one })))(
    "$why, $kv ($heads/$kvHeads × $headDim, $position + $count)",
    async (inputs) => {
      const { heads, headDim, count, rows = count, causal = true } = inputs;
      const { q, reference, tensors } = await arrange(inputs, count, rows);
      const written = count * heads * headDim;
      for (const target of await testTargets()) {
        const y = await empty([rows, heads, headDim]);
        const actual = await runToFloats(attentionPrefill({ ...tensors, q, y, causal, ...target }), y);
        const why = JSON.stringify(target);
        expect(nmse(actual.subarray(0, written), reference), why).toBeLessThan(MAX_NMSE);
        expect(
          actual.subarray(written).every((value) => value === 0),
          why,
        ).toBe(true);
      }
    },
  );

  test("agrees with decode on one token", async () => {
    const inputs = { ...smol, capacity: 100, position: 76 };
    const { q, tensors } = await arrange(inputs, 1);
    const [a, b] = [await empty([1, 9, 64]), await empty([1, 9, 64])];
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
      "f32 keys and values must be [kvHeads, capacity, 16]; found [2,8,12] and [2,8,16]",
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
  const { heads, kvHeads, headDim, capacity, position, window, softcap, spread = 1, kv = "f32" } = inputs;
  const scale = 1 / Math.sqrt(headDim);
  const q = randomFloats(rows * heads * headDim, position + 1, spread);
  const cache = (seed: number) => {
    // What this form can hold of them: how far that is from the numbers themselves is the append's affair.
    const values = unpackRows(packRows(randomFloats(kvHeads * capacity * headDim, seed), headDim, kv), headDim, kv);
    for (let head = 0; head < kvHeads; head++) {
      values.fill(Number.NaN, (head * capacity + position + count) * headDim, (head + 1) * capacity * headDim);
    }
    return values;
  };
  const [keys, values] = [cache(headDim), cache(headDim + 1)];
  const uploadRows = (rows: Float32Array) =>
    upload(packRows(rows, headDim, kv), [kvHeads, capacity, kvRowWords(kv, headDim)]);
  return {
    q: await upload(q, [rows, heads, headDim]),
    reference: attentionReference({ ...inputs, q, keys, values, scale, rows: count }),
    tensors: {
      step: await upload(Uint32Array.of(position, count), [2]),
      keys: await uploadRows(keys),
      values: await uploadRows(values),
      kv,
      scale,
      window,
      softcap,
    },
  };
}
