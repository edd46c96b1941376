import { expect, test } from "vitest";
import { type Dispatch, tensor } from "../dispatch.js";
import { type MatrixForm, matrix } from "../matrix.js";
import { DOTS, HALVES } from "../ops/matmul/layout.js";
import { freeBuffersAfterAll, testGpu } from "../testing/gpu.js";
import { chosenVariant, type HotOp, PLAIN, planVariant, problemKey, variantsOf } from "./hot-op.js";
import { type Candidate, type Trial, trialOf } from "./trial.js";
import { tune } from "./tune.js";

freeBuffersAfterAll();

const MIB = 2 ** 20;
const PATIENT = { budgetMs: 100_000 };
const int4: MatrixForm = { kind: "int4", groupSize: 24, groupType: "f16" };
const int8: MatrixForm = { kind: "int8", groupSize: 32, groupType: "f32" };
const norm = (k: number) => ({ weight: tensor("norm", [k]), eps: 1e-5 });
const step = tensor("step", [2], "u32");

/** 22 x 72: no multiple of a tile or a span. */
const matvecProblem: HotOp = {
  op: "matvec",
  inputs: {
    x: tensor("x", [1, 72]),
    matrix: matrix("down", [22, 72], int4, MIB),
    y: tensor("y", [1, 22]),
    residual: tensor("residual", [1, 22]),
  },
};
const qkvProblem: HotOp = {
  op: "qkv",
  inputs: {
    step,
    x: tensor("x", [1, 40]),
    matrix: matrix("qkv", [8 * (3 + 2), 40], int8, MIB),
    table: tensor("table", [16, 4, 2]),
    q: tensor("q", [1, 3, 8]),
    cache: tensor("cache", [2, 1, 16, 8]),
    norm: norm(40),
  },
};
const gateUpProblem: HotOp = {
  op: "gateUp",
  inputs: {
    x: tensor("x", [1, 43]),
    matrix: matrix("gate + up", [2 * 9, 43], { kind: "bf16" }, MIB),
    y: tensor("y", [1, 9]),
    activation: "silu",
    norm: norm(43),
    subgroupSize: 4, // what it says at least
  },
};
const matmulProblem: HotOp = {
  op: "matmul",
  inputs: {
    step,
    x: tensor("x", [9, 36]),
    matrix: matrix("up", [70, 36], { kind: "f32" }, MIB),
    y: tensor("y", [9, 70]),
  },
};

test.each([
  { why: "a residual, int4", problem: matvecProblem, variants: ["spans-8x64"] },
  { why: "two outputs, normed, int8", problem: qkvProblem, variants: ["spans-16x64"] },
  { why: "normed, odd K, bf16", problem: gateUpProblem, variants: ["spans-32x64", "teams-64"] },
  { why: "a pass that is not full, f32", problem: matmulProblem, variants: ["tile-32x32x32", "tile-64x64x16"] },
])("$variants of $problem.op pass the gate ($why)", async ({ problem, variants }) => {
  const gpu = await testGpu();
  const before = gpu.buffers.bytes;
  const all = trialOf(problem, "gpu");
  // Not all of them: a software adapter takes seconds to compile one.
  const candidates = all.candidates.filter(({ variant }) => variants.includes(variant));
  expect(candidates).toHaveLength(variants.length);
  const { choices, dropped, untried } = await tune(gpu, [{ ...all, candidates }], PATIENT);
  expect(dropped).toEqual([]);
  expect(untried).toEqual([]);
  expect(variants).toContain(choices[problemKey(problem)]);
  expect(chosenVariant(choices, problem)).toBe(choices[problemKey(problem)]);
  expect(gpu.buffers.bytes).toBe(before);
});

/** The plain matvec with some of its WGSL replaced. */
function injected(variant: string, { from, to }: { from: string; to: string }, trial: Trial): Candidate {
  let found = false;
  const dispatches = trial.reference.dispatches.map((dispatch): Dispatch => {
    const parts = dispatch.kernel.parts.map((part) => {
      found ||= part.wgsl.includes(from);
      return { ...part, wgsl: part.wgsl.replace(from, to) };
    });
    return { ...dispatch, kernel: { ...dispatch.kernel, parts } };
  });
  expect(found, from).toBe(true);
  return { variant, dispatches };
}

const DISAGREES = /^disagrees with the plain kernel: normalised squared error (\S+), at most 1e-11 is exact$/;

test.each([
  { why: "drops the last columns", from: "k8 < K8;", to: "k8 + 1u < K8;", atLeast: 1e-4 },
  { why: "is off by one row", from: "let n = FIRST_ROW + row;", to: "let n = FIRST_ROW + row + 1u;", atLeast: 1e-2 },
  { why: "leaves the last row unwritten", from: "row >= ROWS)", to: "row + 1u >= ROWS)", atLeast: 1e-4 },
  { why: "forgets the residual", from: "if (RESIDUAL)", to: "if (false)", atLeast: 1e-2 },
])("a kernel that $why is dropped", async ({ from, to, atLeast }) => {
  const trial = trialOf(matvecProblem, "software");
  const { reference } = trial;
  const candidates = [injected("wrong", { from, to }, trial), reference];
  const { dropped, choices } = await tune(await testGpu(), [{ ...trial, candidates }], PATIENT);
  expect(dropped).toEqual([{ problem: trial.key, variant: "wrong", reason: expect.stringMatching(DISAGREES) }]);
  expect(Number(DISAGREES.exec(dropped[0]!.reason)![1])).toBeGreaterThan(atLeast);
  expect(choices[trial.key]).toBe(PLAIN);
});

test.each([
  {
    why: "scales rounded to bf16",
    from: "return unpack2x16float(groups[group]);",
    to: "return bitcast<vec2f>(bitcast<vec2u>(unpack2x16float(groups[group])) & vec2u(0xffff0000u));",
  },
  {
    why: "sums in f16",
    from: "fn finish4(row: u32, sums: vec4f) {",
    to: "fn finish4(row: u32, exact: vec4f) { let sums = vec4f(unpack2x16float(pack2x16float(exact.xy)), unpack2x16float(pack2x16float(exact.zw)));",
  },
])("$why would pass a loose bound, and are dropped", async ({ from, to }) => {
  const trial = trialOf(matvecProblem, "software");
  const candidates = [injected("rounded", { from, to }, trial)];
  const { dropped, choices } = await tune(await testGpu(), [{ ...trial, candidates }], PATIENT);
  const error = Number(DISAGREES.exec(dropped[0]!.reason)![1]);
  expect(error).toBeGreaterThan(1e-10);
  expect(error).toBeLessThan(1e-4);
  expect(choices[trial.key]).toBe(PLAIN);
});

test("variants in f16 are tried only where they may be, within a bound of their own, and fail where the device has no f16", async () => {
  const gpu = await testGpu();
  const form: MatrixForm = { kind: "int4", groupSize: 32, groupType: "bf16" };
  const [x, y] = [tensor("x", [9, 576]), tensor("y", [9, 70])];
  const inputs = { step, x, matrix: matrix("up", [70, 576], form, MIB), y };
  const exact: HotOp = { op: "matmul", inputs };
  const fast: HotOp = { op: "matmul", inputs: { ...inputs, halves: true } };
  const names = [HALVES, `${HALVES}-k4`];
  expect(variantsOf(exact, "gpu")).not.toContain(HALVES);
  expect(variantsOf(fast, "gpu")).toEqual([...variantsOf(exact, "gpu"), ...names]);
  expect(problemKey(fast)).toBe(`${problemKey(exact)} fast`);
  const trial = trialOf(fast, "gpu");
  const candidates = trial.candidates.filter(({ variant }) => names.includes(variant));
  const { dropped, choices } = await tune(gpu, [{ ...trial, candidates }], PATIENT);
  if (!gpu.adapter.features.includes("shader-f16")) {
    expect(dropped.map(({ variant }) => variant)).toEqual(names);
    expect(choices[trial.key]).toBe(PLAIN);
    return;
  }
  expect(dropped).toEqual([]);
  expect(names).toContain(choices[trial.key]);
  // Two bits fewer than f16 has.
  const [whole] = candidates;
  const coarse = injected(
    HALVES,
    { from: "return clamp(values", to: "return clamp(bitcast<vec4f>(bitcast<vec4u>(values) & vec4u(0xffff8000u))" },
    { ...trial, reference: whole! },
  );
  const rounded = await tune(gpu, [{ ...trial, candidates: [coarse] }], PATIENT);
  expect(rounded.dropped[0]!.reason).toMatch(/^disagrees with the plain kernel: .* is fast$/);
});

test("the variant that rounds its input is tried only where there is room for it, within a bound of its own", async () => {
  const form: MatrixForm = { kind: "int4", groupSize: 32, groupType: "bf16" };
  const inputs = { step, x: tensor("x", [9, 96]), matrix: matrix("up", [70, 96], form, MIB), y: tensor("y", [9, 70]) };
  const exact: HotOp = { op: "matmul", inputs };
  const rounded = { bytes: tensor("bytes", [9, 24], "u32"), scales: tensor("scales", [9, 6]) };
  const fast: HotOp = { op: "matmul", inputs: { ...inputs, rounded } };
  expect(variantsOf(exact, "gpu")).not.toContain(DOTS);
  expect(problemKey(fast)).toBe(`${problemKey(exact)} fast`); // so that a choice for one is none for the other
  const trial = trialOf(fast, "gpu");
  const right = trial.candidates.find(({ variant }) => variant === DOTS)!;
  const passed = await tune(await testGpu(), [{ ...trial, candidates: [right] }], PATIENT);
  expect(passed).toMatchObject({ choices: { [trial.key]: DOTS }, dropped: [] });
  // Five bits in place of eight.
  const coarse = injected(DOTS, { from: "/ 127.0", to: "/ 15.0" }, { ...trial, reference: right });
  const { dropped } = await tune(await testGpu(), [{ ...trial, candidates: [coarse] }], PATIENT);
  expect(dropped[0]!.reason).toMatch(/^disagrees with the plain kernel: .*, at most 0.00004 is fast$/);
});

test("a kernel that writes what is no number, and one that does not compile, are dropped with their reasons", async () => {
  const trial = trialOf(matvecProblem, "software");
  const candidates = [
    injected("nan", { from: "y[n] = value;", to: "y[n] = sqrt(value - 1e30);" }, trial),
    injected("broken", { from: "y[n] = value;", to: "y[n] = valeu;" }, trial),
    {
      variant: "unbound",
      dispatches: trial.reference.dispatches.map((one) => ({ ...one, buffers: one.buffers.slice(1) })),
    },
  ];
  const { dropped, choices } = await tune(await testGpu(), [{ ...trial, candidates }], PATIENT);
  expect(dropped.map(({ variant, reason }) => `${variant}: ${reason}`)).toEqual([
    expect.stringMatching(/^nan: value 0 is -?NaN; the plain kernel's is /),
    expect.stringMatching(/^broken: WGSL did not compile (.*)unresolved value 'valeu'/s),
    expect.stringMatching(/^unbound: matvec 22x72 int4 passes 6 buffers; its WGSL declares 7\./),
  ]);
  expect(choices).toEqual({ [trial.key]: PLAIN });
});

test("without a plain kernel to hold others against, the default stays", async () => {
  const gpu = await testGpu();
  const before = gpu.buffers.bytes;
  const trial = trialOf(matvecProblem, "software");
  const reference = injected(PLAIN, { from: "y[n] = value;", to: "y[n] = valeu;" }, trial);
  const { choices, dropped, untried } = await tune(gpu, [{ ...trial, reference }], PATIENT);
  expect({ choices, untried }).toEqual({ choices: {}, untried: [trial.key] });
  expect(dropped).toEqual([
    { problem: trial.key, variant: PLAIN, reason: expect.stringMatching(/^WGSL did not compile/) },
  ]);
  expect(gpu.buffers.bytes).toBe(before);
});

test("when the time is up, what was not tried keeps its default", async () => {
  const gpu = await testGpu();
  const before = gpu.buffers.bytes;
  const trials = [matvecProblem, matmulProblem].map((problem) => trialOf(problem, "gpu"));
  const none = await tune(gpu, trials, { budgetMs: 0 });
  expect(none).toMatchObject({ choices: {}, dropped: [], untried: trials.map(({ key }) => key) });

  // A kernel that never compiles in time, in place of a driver that takes seconds.
  const started = performance.now();
  const [trial] = trials;
  const slow = {
    ...gpu,
    assertHealthy() {},
    pipelines: { compile: () => new Promise(() => {}) },
  } as unknown as typeof gpu;
  const { untried } = await tune(slow, [trial!], { budgetMs: 50 });
  expect(untried).toEqual([trial!.key]);
  expect(performance.now() - started).toBeLessThan(1000);
  expect(gpu.buffers.bytes).toBe(before);
});

test("a search is told of, and stops at the signal with its memory given back", async () => {
  const gpu = await testGpu();
  const before = gpu.buffers.bytes;
  const stop = new AbortController();
  const reason = new Error("enough");
  const seen: number[][] = [];
  const onProgress = (...progress: number[]) => {
    seen.push(progress);
    if (progress[0] === 1) stop.abort(reason);
  };
  const trial = trialOf(matvecProblem, "software");
  const trials = [
    { ...trial, candidates: [trial.reference] },
    { ...trial, key: "again" },
  ];
  await expect(tune(gpu, trials, { ...PATIENT, signal: stop.signal, onProgress })).rejects.toBe(reason);
  expect(seen).toEqual([
    [0, 2],
    [1, 2],
  ]);
  expect(gpu.buffers.bytes).toBe(before);
});

test("problems of one shape and another form are kept apart, and a name of another version is not a choice", () => {
  expect(problemKey(matvecProblem)).toBe("matvec 22x72 int4/24/f16 residual");
  expect(problemKey(qkvProblem)).toBe("qkv 40x40 int8/32/f32 norm heads 3x8");
  expect(problemKey(gateUpProblem)).toBe("gateUp 18x43 bf16 norm silu");
  expect(problemKey(matmulProblem)).toBe("matmul 9x70x36 f32");
  expect(chosenVariant({ [problemKey(matmulProblem)]: "tile-1x1x1" }, matmulProblem)).toBeUndefined();
  expect(variantsOf(qkvProblem, "gpu")).not.toContain(PLAIN);
  expect(variantsOf(matvecProblem, "software")[0]).toBe(PLAIN);
});

test("a variant that there is not, and one that takes no norm, are refused", () => {
  expect(() => planVariant(matmulProblem, "tile-1x1x1")).toThrow(
    /^There is no variant tile-1x1x1; there are rows, subgroups, .*, halves-64x64-k8\.$/,
  );
  expect(() => planVariant(gateUpProblem, PLAIN)).toThrow(
    "In the layout rows the norm is a dispatch of its own. Use rmsNorm before.",
  );
});

test("a matrix too large to copy is tried on its first rows", () => {
  const [n, k] = [300_000, 128];
  const inputs = {
    x: tensor("x", [1, k]),
    matrix: matrix("head", [n, k], { kind: "f32" }, 128 * MIB),
    y: tensor("y", [1, n]),
  };
  const { key, tensors, outputs } = trialOf({ op: "matvec", inputs }, "gpu");
  expect(key).toBe("matvec 300000x128 f32 2 blocks");
  expect(tensors.map(({ tensor }) => tensor.shape)).toContainEqual([131_072, 128]);
  expect(outputs.map(({ tensor }) => tensor.shape)).toEqual([[1, 131_072]]);
});
