import { expect, test } from "vitest";
import { empty, freeBuffersAfterAll, runToFloats, upload } from "../../testing/gpu.js";
import { nmse, randomFloats } from "../../testing/random.js";
import { type LoraPart, lora } from "./lora.js";
import { loraReference } from "./lora.reference.js";

freeBuffersAfterAll();

interface Case {
  why: string;
  tokens: number;
  k: number;
  n: number;
  /** Rows of y, and the ranks of its adapters. */
  parts: { firstRow: number; rows: number; ranks: number[] }[];
}

const cases: Case[] = [
  { why: "smallest", tokens: 1, k: 1, n: 1, parts: [{ firstRow: 0, rows: 1, ranks: [1] }] },
  { why: "odd sizes", tokens: 5, k: 71, n: 67, parts: [{ firstRow: 0, rows: 67, ranks: [3] }] },
  { why: "two adapters of one projection", tokens: 2, k: 40, n: 70, parts: [{ firstRow: 0, rows: 70, ranks: [4, 9] }] },
  {
    why: "queries and values of three merged projections",
    tokens: 3,
    k: 64,
    n: 128,
    parts: [
      { firstRow: 0, rows: 64, ranks: [8, 2] },
      { firstRow: 96, rows: 32, ranks: [16] },
    ],
  },
  {
    why: "all of SmolLM2-135M's merged projections",
    tokens: 9,
    k: 576,
    n: 960,
    parts: [
      { firstRow: 0, rows: 576, ranks: [8] },
      { firstRow: 576, rows: 192, ranks: [8] },
      { firstRow: 768, rows: 192, ranks: [8] },
    ],
  },
];

const everywhere = cases.flatMap((one) => (["gpu", "software"] as const).map((adapter) => ({ ...one, adapter })));

test.each(everywhere)("lora for a $adapter adapter, $why ($tokens tokens, $n × $k)", async (one) => {
  const { adapter, tokens, k, n, parts: described } = one;
  let ranks = 0;
  const parts: LoraPart[] = [];
  const adapters = described.flatMap(({ firstRow, rows, ranks: own }, p) => {
    const sum = own.reduce((all, rank) => all + rank, 0);
    parts.push({ firstRow, rows, firstRank: ranks, ranks: sum });
    ranks += sum;
    return own.map((rank, i) => ({
      a: randomFloats(rank * k, 10 * p + i),
      b: randomFloats(rows * rank, 100 + 10 * p + i),
      ...{ rank, firstRow, rows, scale: 0.5 + i },
    }));
  });
  const x = randomFloats(tokens * k, 1);
  const before = randomFloats(tokens * n, 2);
  const transposed = adapters.flatMap(({ b, rank, rows }) =>
    Array.from({ length: rank * rows }, (_, at) => b[(at % rows) * rank + Math.floor(at / rows)]!),
  );
  const y = await upload(before, [tokens, n]);
  const weights = {
    a: await upload(Float32Array.from(adapters.flatMap(({ a }) => [...a])), [ranks, k]),
    scales: await upload(Float32Array.from(adapters.flatMap(({ rank, scale }) => Array(rank).fill(scale))), [ranks]),
    b: await upload(Float32Array.from(transposed), [transposed.length]),
    parts,
  };
  const step = await upload(Uint32Array.of(7, tokens), [2]);
  const inner = await empty([tokens, ranks]);
  const actual = await runToFloats(lora({ step, x: await upload(x, [tokens, k]), weights, inner, y, adapter }), y);
  expect(nmse(actual, loraReference(x, before, [k, n], adapters))).toBeLessThan(1e-12);
});

test("lora leaves tokens past count alone, and names what does not fit", async () => {
  const one = await upload(Float32Array.of(1), [1, 1]);
  const weights = { a: one, scales: one, b: one, parts: [{ firstRow: 0, rows: 1, firstRank: 0, ranks: 1 }] };
  const [x, y] = [await upload(Float32Array.of(2, 3), [2, 1]), await upload(Float32Array.of(5, 5), [2, 1])];
  const inputs = { step: await upload(Uint32Array.of(0, 1), [2]), x, weights, inner: await empty([2, 1]), y };
  expect([...(await runToFloats(lora(inputs), y))]).toEqual([7, 5]);
  expect(() => lora({ ...inputs, inner: one })).toThrow("do not fit x [2,1], inner [1,1] and y [2,1]");
  const parts = [{ firstRow: 1, rows: 1, firstRank: 0, ranks: 1 }];
  expect(() => lora({ ...inputs, weights: { ...weights, parts } })).toThrow("1 parts do not fit");
});
