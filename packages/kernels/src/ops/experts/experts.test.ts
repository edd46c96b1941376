import { describe, expect, test } from "vitest";
import { type MatrixForm, matrix } from "../../matrix.js";
import { empty, freeBuffersAfterAll, runToArray, runToFloats, upload } from "../../testing/gpu.js";
import { dequantiseReference, type HostMatrix, randomMatrix, uploadMatrix } from "../../testing/matrices.js";
import { nmse, randomFloats, randomSource } from "../../testing/random.js";
import type { ChoiceReference } from "../route/route.reference.js";
import { expertDown, expertGateUp } from "./expert-decode.js";
import { expertsReached } from "./expert-stack.js";
import { expertsReference } from "./experts.reference.js";
import { expertSum, expertsDown, expertsGateUp, expertTiles, groupByExpert } from "./experts-prefill.js";

freeBuffersAfterAll();

interface Case {
  why: string;
  tokens: number;
  experts: number;
  topK: number;
  k: number;
  width: number;
  form: MatrixForm;
  count?: number;
  /** Experts to a buffer; all unless given. */
  together?: number;
  residual?: boolean;
  activation?: "gelu_tanh";
}

const int4 = (groupSize: number): MatrixForm => ({ kind: "int4", groupSize, groupType: "bf16" });
const int8 = (groupSize: number): MatrixForm => ({ kind: "int8", groupSize, groupType: "f16" });

const cases: Case[] = [
  { why: "smallest", tokens: 1, experts: 1, topK: 1, k: 1, width: 1, form: { kind: "f32" } },
  { why: "one of three, odd sizes", tokens: 5, experts: 3, topK: 1, k: 43, width: 7, form: { kind: "f16" } },
  {
    why: "all of them, a residual",
    tokens: 6,
    experts: 3,
    topK: 3,
    k: 36,
    width: 9,
    form: { kind: "bf16" },
    residual: true,
  },
  {
    why: "an expert for which more than a tile was chosen",
    tokens: 70,
    experts: 2,
    topK: 1,
    k: 40,
    width: 34,
    form: int8(32),
    activation: "gelu_tanh",
  },
  {
    why: "a chunk that is not full, groups that are no power of two, past a tile every way",
    tokens: 37,
    count: 19,
    experts: 5,
    topK: 2,
    k: 72,
    width: 72,
    form: int4(24),
    residual: true,
  },
  {
    why: "two experts to a buffer",
    tokens: 9,
    experts: 7,
    topK: 3,
    k: 64,
    width: 40,
    form: int4(32),
    together: 2,
    residual: true,
  },
  { why: "more experts than lanes", tokens: 3, experts: 300, topK: 4, k: 8, width: 4, form: { kind: "f32" } },
];
// The layout for GPUs takes software adapters a second a case to compile.
const everywhere = cases.flatMap((one) =>
  (["gpu", "software"] as const)
    .filter((adapter) => adapter === "software" || one.k > 8)
    .map((adapter) => ({ ...one, adapter })),
);

describe.each(everywhere)("experts for a $adapter adapter, $why ($topK of $experts)", async (one) => {
  const { adapter, tokens, count = tokens, experts, topK, k, width, form, activation = "silu" } = one;
  const n = k + 3; // as wide as k in a model; another number tells them apart
  const [gateUp, down] = [randomMatrix([experts * 2 * width, k], form, 1), randomMatrix([experts * n, width], form, 2)];
  const x = randomFloats(tokens * k, 3, 3);
  const residual = one.residual ? { residual: randomFloats(tokens * n, 4) } : {};
  const chosen = randomChoices(tokens, experts, topK);
  const expected = expertsReference(x, chosen, {
    gateUp: dequantiseReference(gateUp),
    down: dequantiseReference(down),
    ...{ width, k, n, activation, ...residual },
  });
  const stacks = {
    gateUp: { matrix: await uploadStack(gateUp, experts, one.together), experts },
    down: { matrix: await uploadStack(down, experts, one.together), experts },
  };

  test("one token", async () => {
    const choices = await uploadChoices(chosen.slice(-1));
    const last = await upload(x.slice(-k), [1, k]);
    const [hidden, y] = [await empty([topK, width]), await upload(new Float32Array(n).fill(7), [1, n])];
    const dispatches = [
      ...expertGateUp({ choices, x: last, stack: stacks.gateUp, y: hidden, activation, adapter }),
      ...expertDown({
        ...{ choices, x: hidden, stack: stacks.down, y, adapter },
        ...(residual.residual && { residual: await upload(residual.residual.slice(-n), [1, n]) }),
      }),
    ];
    expect(nmse(await runToFloats(dispatches, y), expected.slice(-n))).toBeLessThan(1e-11);
  });

  test("many tokens", async () => {
    const step = await upload(Uint32Array.of(5, count), [2]);
    const choices = await uploadChoices(chosen);
    const groups = {
      order: await empty([tokens * topK], "u32"),
      tiles: await upload(new Uint32Array(4 * expertTiles({ tokens, topK, experts }, adapter)).fill(99), [
        expertTiles({ tokens, topK, experts }, adapter),
        4,
      ]),
    };
    const [hidden, out] = [await empty([tokens * topK, width]), await empty([tokens * topK, n])];
    const y = await upload(new Float32Array(tokens * n).fill(7), [tokens, n]);
    const both = { ...groups, tokens, adapter };
    const dispatches = [
      groupByExpert({ step, choices, ...groups, experts, adapter }),
      ...expertsGateUp({ ...both, x: await upload(x, [tokens, k]), stack: stacks.gateUp, y: hidden, activation }),
      ...expertsDown({ ...both, x: hidden, stack: stacks.down, y: out }),
      expertSum({
        ...{ step, choices, x: out, y },
        ...(residual.residual && { residual: await upload(residual.residual, [tokens, n]) }),
      }),
    ];
    const actual = await runToFloats(dispatches, y);
    expect(nmse(actual.subarray(0, count * n), expected.subarray(0, count * n))).toBeLessThan(1e-11);
    expect(actual.subarray(count * n).every((value) => value === 7)).toBe(true);
  });
});

test("groupByExpert sorts choices by expert and cuts them into tiles", async () => {
  const chosen = [2, 0, 2, 2, 2, 0, 2].map((expert) => [{ expert, weight: 1 }]);
  const [step, choices] = [await upload(Uint32Array.of(0, 7), [2]), await uploadChoices(chosen)];
  const sizes = { tokens: 7, topK: 1, experts: 4 };
  const tiles = await empty([expertTiles(sizes, "software"), 4], "u32");
  const order = await empty([7], "u32");
  const dispatch = groupByExpert({ step, choices, order, tiles, experts: 4, adapter: "software" });
  expect([...(await runToArray(dispatch, order))]).toEqual([1, 5, 0, 2, 3, 4, 6]);
  expect([...(await runToArray([], tiles))]).toEqual([0, 0, 2, 0, 2, 2, 4, 0, 2, 6, 1, 0, ...Array(8).fill(0)]);
});

test("what a token costs is what its experts weigh", async () => {
  const stack = { matrix: matrix("experts", [128 * 16, 64], int4(32), 4 * 16 * 64), experts: 128 };
  expect(stack.matrix.blocks.length).toBeGreaterThan(1);
  const [choices, x, y] = [await empty([1, 8, 2], "u32"), await empty([1, 64]), await empty([8, 8])];
  const dispatches = expertGateUp({ choices, x, stack, y, activation: "silu" });
  const bytes = dispatches.reduce((sum, { cost }) => sum + cost.bytes, 0);
  const expertBytes = 16 * (64 / 2 + (64 / 32) * 4);
  expect(bytes).toBeCloseTo(8 * expertBytes + 4 * 64 + 4 * 8 * 8);
  expect(expertsReached(128, 1, 8)).toBeCloseTo(8);
  expect(expertsReached(4, 100, 2)).toBeCloseTo(4);
});

test("a stack is cut between experts, and an expert too large for a binding is an error", () => {
  const blocks = (maxBytes: number) =>
    matrix("experts", [5 * 6, 8], { kind: "f32" }, maxBytes, 6).blocks.map(({ firstRow, rows }) => [firstRow, rows]);
  expect(blocks(1e6)).toEqual([[0, 30]]);
  expect(blocks(2.5 * 6 * 32)).toEqual([
    [0, 12],
    [12, 12],
    [24, 6],
  ]);
  expect(() => blocks(5 * 32)).toThrow("one expert's 6 rows of 8 columns take 0.0 MiB as f32");
});

test("the experts' kernels name what does not fit", async () => {
  const stack = { matrix: matrix("mlp.experts", [4 * 6, 8], { kind: "f32" }, 1e6), experts: 4 };
  const [choices, x, y] = [await empty([1, 2, 2], "u32"), await empty([1, 8]), await empty([2, 4])];
  expect(() => expertGateUp({ choices, x, stack, y, activation: "silu" })).toThrow(
    "mlp.experts is [24,8] of 4 experts, with x [1,8], y [2,4]; [1, 8] and [2, 3] were expected",
  );
  const cut = { matrix: matrix("mlp.experts", [4 * 6, 8], { kind: "f32" }, 4 * 32), experts: 4 };
  const fits = await empty([2, 3]);
  expect(() => expertGateUp({ choices, x, stack: cut, y: fits, activation: "silu" })).toThrow(
    "a block of rows 0 to 4; blocks of whole experts, 4 in all, were expected",
  );
});

/** Different experts for each token, with weights that add up to less than one. */
function randomChoices(tokens: number, experts: number, topK: number): ChoiceReference[][] {
  const next = randomSource(tokens + experts);
  return Array.from({ length: tokens }, () => {
    const left = Array.from({ length: experts }, (_, expert) => expert);
    return Array.from({ length: topK }, () => ({
      expert: left.splice(Math.floor(next() * left.length), 1)[0]!,
      weight: Math.fround(0.9 * next()),
    }));
  });
}

async function uploadChoices(chosen: readonly (readonly ChoiceReference[])[]) {
  const topK = chosen[0]!.length;
  const words = new Uint32Array(2 * chosen.length * topK);
  const floats = new Float32Array(words.buffer);
  for (const [i, { expert, weight }] of chosen.flat().entries()) {
    words[2 * i] = expert;
    floats[2 * i + 1] = weight;
  }
  return upload(words, [chosen.length, topK, 2]);
}

async function uploadStack(host: HostMatrix, experts: number, together = experts) {
  const { blocks } = matrix("", host.shape, host.form, Number.MAX_SAFE_INTEGER);
  const bytes = blocks[0]!.values.buffer.bytes;
  return uploadMatrix(host, Math.ceil((together * bytes) / experts), "experts", host.shape[0] / experts);
}
