import { expect, test } from "vitest";
import { kvRowWords } from "../../kv-form.js";
import type { MatrixForm } from "../../matrix.js";
import { empty, freeBuffersAfterAll, runToFloats, testGpu, testTargets, upload } from "../../testing/gpu.js";
import { kvTolerance, packRows, unpackRows } from "../../testing/kv.js";
import { dequantiseReference, randomMatrix, uploadMatrix } from "../../testing/matrices.js";
import { nmse, randomFloats } from "../../testing/random.js";
import { matvecNorms } from "../matvec/layout.js";
import { matvecReference } from "../matvec/matvec.reference.js";
import { rmsNormReference } from "../rms-norm/rms-norm.reference.js";
import { ropeTable } from "../rope/rope-table.js";
import { qkv } from "./qkv.js";
import { qkvReference } from "./qkv.reference.js";

freeBuffersAfterAll();

const int4 = (groupSize: number): MatrixForm => ({ kind: "int4", groupSize, groupType: "f16" });

interface Case {
  why: string;
  heads: number;
  kvHeads: number;
  headDim: number;
  k: number;
  form: MatrixForm;
  position: number;
  capacity: number;
  extra?: "norm" | "bias";
}

const cases: Case[] = [
  { why: "smallest", heads: 1, kvHeads: 1, headDim: 4, k: 8, form: int4(8), position: 0, capacity: 1 },
  { why: "five heads over one", heads: 5, kvHeads: 1, headDim: 32, k: 160, form: int4(32), position: 3, capacity: 7 },
  {
    why: "a head of 12, odd K",
    heads: 3,
    kvHeads: 3,
    headDim: 12,
    k: 43,
    form: { kind: "f32" },
    position: 1,
    capacity: 5,
  },
  { why: "a norm", heads: 4, kvHeads: 2, headDim: 20, k: 72, form: int4(24), position: 6, capacity: 7, extra: "norm" },
  {
    why: "a norm, odd K",
    heads: 2,
    kvHeads: 1,
    headDim: 8,
    k: 45,
    form: { kind: "bf16" },
    position: 2,
    capacity: 4,
    extra: "norm",
  },
  {
    why: "biases",
    heads: 4,
    kvHeads: 2,
    headDim: 16,
    k: 64,
    form: { kind: "f16" },
    position: 2,
    capacity: 4,
    extra: "bias",
  },
  {
    why: "SmolLM2-135M",
    heads: 9,
    kvHeads: 3,
    headDim: 64,
    k: 576,
    form: int4(32),
    position: 100,
    capacity: 128,
    extra: "norm",
  },
];

const targets = await testTargets();
const packed = cases.filter(({ why }) => /smallest|biases/.test(why)).map((one) => ({ ...one, kv: "f16" as const }));
const everywhere = [...cases.map((one) => ({ ...one, kv: "f32" as const })), ...packed].flatMap((one) =>
  targets.filter((target) => one.extra !== "norm" || normed(one, target)).map((target) => ({ ...one, ...target })),
);

function normed(
  { heads, kvHeads, headDim, k, form }: Case,
  { adapter, subgroupSize }: (typeof targets)[number],
): boolean {
  return matvecNorms(adapter, { form, shape: [(heads + 2 * kvHeads) * headDim, k] }, subgroupSize);
}

test.each(everywhere)(
  "qkv for a $adapter adapter with subgroups of $subgroupSize, into $kv, $why",
  async ({ adapter, subgroupSize, heads, kvHeads, headDim, k, form, position, capacity, extra, kv }) => {
    const n = (heads + 2 * kvHeads) * headDim;
    const host = randomMatrix([n, k], form, n + k);
    const x = randomFloats(k, 1);
    const vector = randomFloats(extra === "norm" ? k : n, 2);
    const table = ropeTable({ rotaryDim: headDim, theta: 10_000, positions: capacity });
    const before = randomFloats(2 * kvHeads * capacity * headDim, 3);
    const q = await empty([1, heads, headDim]);
    const cache = await upload(packRows(before, headDim, kv), [2, kvHeads, capacity, kvRowWords(kv, headDim)]);
    const dispatch = qkv({
      step: await upload(Uint32Array.of(position, 1), [2]),
      x: await upload(x, [1, k]),
      matrix: await uploadMatrix(host),
      table: await upload(table, [capacity, headDim / 2, 2]),
      q,
      cache,
      kv,
      adapter,
      subgroupSize,
      ...(extra === "norm" && { norm: { weight: await upload(vector, [k]), eps: 1e-5 } }),
      ...(extra === "bias" && { bias: await upload(vector, [n]) }),
    });
    const input = extra === "norm" ? Float32Array.from(rmsNormReference(x, vector, { eps: 1e-5 })) : x;
    const projected = matvecReference(dequantiseReference(host), input, extra === "bias" ? { bias: vector } : {});
    const expected = qkvReference(projected, table, { position, heads, kvHeads, headDim });
    expect(nmse(await runToFloats(dispatch, q), expected.q)).toBeLessThan(1e-12);

    const after = Float32Array.from(before);
    for (let head = 0; head < 2 * kvHeads; head++) {
      after.set(
        expected.appended.subarray(head * headDim, (head + 1) * headDim),
        (head * capacity + position) * headDim,
      );
    }
    const cached = unpackRows((await (await testGpu()).buffers.read(cache)) as Uint32Array, headDim, kv);
    if (kv === "f32") expect(nmse(cached, after)).toBeLessThan(1e-12);
    const wrong = [...cached.keys()].filter(
      (i) => !(Math.abs(cached[i]! - after[i]!) <= 1.01 * kvTolerance(after, i, headDim, kv) + 1e-5),
    );
    expect(wrong).toEqual([]);
  },
);

test("qkv writes nothing past the capacity", async () => {
  const host = randomMatrix([12, 8], int4(8), 1);
  const cache = await upload(randomFloats(2 * 2 * 4, 5), [2, 1, 2, 4]);
  const before = [...(await runToFloats([], cache))];
  const dispatch = qkv({
    step: await upload(Uint32Array.of(2, 1), [2]),
    x: await upload(randomFloats(8, 1), [1, 8]),
    matrix: await uploadMatrix(host),
    table: await upload(ropeTable({ rotaryDim: 4, theta: 10_000, positions: 3 }), [3, 2, 2]),
    q: await empty([1, 1, 4]),
    cache,
  });
  expect([...(await runToFloats(dispatch, cache))]).toEqual(before);
});

test("qkv names what does not fit", async () => {
  const host = randomMatrix([16, 8], int4(8), 1);
  const [step, x, matrix] = [
    await upload(Uint32Array.of(0, 1), [2]),
    await empty([1, 8]),
    await uploadMatrix(host, undefined, "layers.0.qkv"),
  ];
  const [table, q, cache] = [await empty([4, 2, 2]), await empty([1, 1, 4]), await empty([2, 1, 4, 4])];
  expect(() => qkv({ step, x, matrix, table, q, cache })).toThrow(
    "layers.0.qkv [16,8] in 1 blocks, table [4,2,2], q [1,1,4] and f32 cache [2,1,4,4] do not fit",
  );
});
