import { expect, test } from "vitest";
import { tensor } from "../../dispatch.js";
import { type GroupType, type Matrix, type MatrixForm, matrix } from "../../matrix.js";
import { empty, freeBuffersAfterAll, runToFloats, testGpu, testTargets, upload } from "../../testing/gpu.js";
import { dequantiseReference, randomMatrix, setField, uploadMatrix } from "../../testing/matrices.js";
import { nmse, randomFloats } from "../../testing/random.js";
import { rmsNormReference } from "../rms-norm/rms-norm.reference.js";
import { matvecDefault, matvecNorms, matvecVariants } from "./layout.js";
import { matvec } from "./matvec.js";
import { matvecReference } from "./matvec.reference.js";

freeBuffersAfterAll();

const int4 = (groupSize: number, groupType: GroupType = "f16"): MatrixForm => ({
  kind: "int4",
  groupSize,
  groupType,
});
const int8 = (groupSize: number, groupType: GroupType = "f16"): MatrixForm => ({
  kind: "int8",
  groupSize,
  groupType,
});

interface Case {
  why: string;
  n: number;
  k: number;
  form: MatrixForm;
  maxBytes?: number;
  residual?: boolean;
  bias?: boolean;
}

const cases: Case[] = [
  { why: "smallest", n: 1, k: 1, form: { kind: "f32" } },
  { why: "smallest", n: 1, k: 1, form: int4(8) },
  { why: "odd K, N no multiple of four", n: 7, k: 43, form: { kind: "f32" } },
  { why: "prime N, K past several strides", n: 131, k: 1543, form: { kind: "f16" } },
  { why: "whole vectors of x but not whole eights", n: 5, k: 36, form: { kind: "bf16" } },
  ...[int4, int8].flatMap((form): Case[] => [
    { why: "groups that are no power of two, bf16", n: 65, k: 72, form: form(24, "bf16") },
    { why: "short last group, f32", n: 33, k: 416, form: form(128, "f32") },
    { why: "zeros, groups of subgroup width", n: 33, k: 416, form: form(32, "f16-zero") },
    { why: "prime N, odd K, short last group", n: 131, k: 1543, form: form(32) },
    { why: "a group that is the whole row", n: 66, k: 160, form: form(160) },
  ]),
  { why: "x larger than a tile of workgroup memory", n: 9, k: 4619, form: int4(64) },
  { why: "more rows than one grid dimension holds", n: 65_537, k: 16, form: int4(8) },
  { why: "two blocks", n: 23, k: 72, form: int4(24), maxBytes: 12 * 9 * 4, residual: true, bias: true },
  { why: "blocks of one row", n: 3, k: 40, form: { kind: "f32" }, maxBytes: 160 },
  { why: "a residual", n: 160, k: 416, form: int8(32), residual: true },
  { why: "a bias", n: 70, k: 96, form: { kind: "bf16" }, bias: true },
  { why: "gate_proj of SmolLM2-135M", n: 1536, k: 576, form: int4(32, "bf16") },
  { why: "down_proj of SmolLM2-135M", n: 576, k: 1536, form: int4(64), residual: true },
  { why: "the head of SmolLM2-135M", n: 49_152, k: 576, form: int8(32, "bf16") },
];

const targets = await testTargets();
const everywhere = cases.flatMap((one) =>
  targets
    .filter(({ subgroupSize }) => subgroupSize === 0 || ("groupSize" in one.form && one.form.groupSize % 32 === 0))
    .map((target) => ({ ...one, ...target })),
);

test.each(everywhere)(
  "matvec for a $adapter adapter with subgroups of $subgroupSize, $why ($n × $k, $form.kind)",
  async ({ adapter, subgroupSize, n, k, form, maxBytes, ...optional }) => {
    const host = randomMatrix([n, k], form, n + k);
    const x = randomFloats(k, k);
    const terms = {
      ...(optional.residual && { residual: randomFloats(n, 1) }),
      ...(optional.bias && { bias: randomFloats(n, 2) }),
    };
    const y = await empty([1, n]);
    const dispatches = matvec({
      x: await upload(x, [1, k]),
      matrix: await uploadMatrix(host, maxBytes),
      y,
      adapter,
      subgroupSize,
      ...(terms.residual && { residual: await upload(terms.residual, [1, n]) }),
      ...(terms.bias && { bias: await upload(terms.bias, [n]) }),
    });
    const error = nmse(await runToFloats(dispatches, y), matvecReference(dequantiseReference(host), x, terms));
    expect(error).toBeLessThan(1e-12);
  },
);

test.each([
  { why: "odd K", n: 7, k: 43, form: { kind: "f32" } as const },
  { why: "the head of a small model", n: 523, k: 160, form: int8(32) },
  { why: "Gemma's unit offset", n: 7, k: 43, form: { kind: "f32" } as const, unitOffset: 1 as const },
])("matvec norms its input, $why ($n × $k)", async ({ n, k, form, unitOffset = 0 as const }) => {
  const host = randomMatrix([n, k], form, n);
  const [x, weight] = [randomFloats(k, 1, 3), randomFloats(k, 2)];
  const y = await empty([1, n]);
  const norm = { weight: await upload(weight, [k]), eps: 1e-5, unitOffset };
  const dispatches = matvec({ x: await upload(x, [1, k]), matrix: await uploadMatrix(host), y, norm });
  const normed = Float32Array.from(rmsNormReference(x, weight, { eps: 1e-5, unitOffset }));
  expect(nmse(await runToFloats(dispatches, y), matvecReference(dequantiseReference(host), normed))).toBeLessThan(
    1e-12,
  );
});

const layoutCases = [
  { why: "odd N and K, f16", n: 7, k: 1043, form: { kind: "f16" } as const },
  { why: "prime N, groups of 24, terms", n: 131, k: 1032, form: int4(24, "bf16"), terms: true },
  { why: "a norm, int8", n: 66, k: 1160, form: int8(32), normed: true },
  { why: "fewer columns than lanes, a norm, odd K", n: 9, k: 43, form: { kind: "f32" } as const, normed: true },
];
const layouts = ["spans-64x128", "spans-128x128", "teams-64", "teams-128"].flatMap((variant) =>
  layoutCases.filter(({ normed }) => variant.startsWith("teams") || normed).map((one) => ({ ...one, variant })),
);

test.each(layouts)(
  "matvec in the layout $variant, $why ($n × $k): right, or without subgroups it does not compile",
  async ({ variant, n, k, form, terms = false, normed = false }) => {
    const { subgroupSize } = (await testGpu()).adapter;
    const host = randomMatrix([n, k], form, n);
    const [x, weight] = [randomFloats(k, 1, 3), randomFloats(k, 2)];
    const [residual, bias] = [randomFloats(n, 3), randomFloats(n, 4)];
    const y = await empty([1, n]);
    const dispatches = matvec({
      x: await upload(x, [1, k]),
      matrix: await uploadMatrix(host),
      y,
      variant,
      subgroupSize,
      ...(normed && { norm: { weight: await upload(weight, [k]), eps: 1e-5 } }),
      ...(terms && { residual: await upload(residual, [1, n]), bias: await upload(bias, [n]) }),
    });
    const running = runToFloats(dispatches, y);
    if (variant.startsWith("teams") && subgroupSize === undefined) {
      await expect(running).rejects.toThrow("subgroups");
      return;
    }
    const input = normed ? Float32Array.from(rmsNormReference(x, weight, { eps: 1e-5 })) : x;
    const expected = matvecReference(dequantiseReference(host), input, terms ? { residual, bias } : {});
    expect(nmse(await running, expected)).toBeLessThan(1e-12);
  },
);

test("subgroups larger than the least the device names take turns, and every row is made", async () => {
  const { subgroupSize } = (await testGpu()).adapter;
  if (subgroupSize === undefined)
    return expect(matvecVariants(matrix("w", [4, 8], { kind: "f32" }, 64))).not.toContain("teams-64");
  const [n, k] = [201, 136];
  const host = randomMatrix([n, k], int4(8), n);
  const x = randomFloats(k, 1);
  const y = await empty([n]);
  // As if they were said to have four lanes: those of eight are too few for the rows then, and of four just enough.
  const inputs = { x: await upload(x, [k]), matrix: await uploadMatrix(host), y, variant: "teams-64" };
  for (const least of [4, subgroupSize]) {
    const actual = await runToFloats(matvec({ ...inputs, subgroupSize: least }), y);
    expect(nmse(actual, matvecReference(dequantiseReference(host), x))).toBeLessThan(1e-12);
  }
});

test("matvec splits K over more lanes where rows are few, on a GPU", () => {
  const named = (n: number, k: number) => matvecDefault("gpu", matrix("w", [n, k], int4(32), 2 ** 27));
  expect(named(49_152, 576)).toBe("spans-16x128");
  expect(named(576, 576)).toBe("spans-64x128"); // more lanes than eights would have nothing to do
  expect(named(576, 1536)).toBe("spans-128x128");
  expect(named(4096, 4096)).toBe("spans-32x128");
});

test("matvec reads subnormal f16 and bf16 weights exactly", async () => {
  for (const [kind, bits] of [
    ["f16", [0x0001, 0x8001, 0x03ff, 0x0400]], // the least, its negative, the greatest subnormal, the least normal
    ["bf16", [0x0080, 0x8080, 0x3f81, 0x0100]], // the least normals of f32: a device may flush what is smaller
  ] as const) {
    const host = randomMatrix([4, 1], { kind }, 1, 0);
    for (const [row, field] of bits.entries()) setField(host, row, 0, field);
    const y = await empty([4]);
    const x = await upload(Float32Array.of(1), [1]);
    const values = await runToFloats(matvec({ x, matrix: await uploadMatrix(host), y }), y);
    expect([...values]).toEqual([...dequantiseReference(host)]);
  }
});

test("matvec takes the layout with subgroups where they and the groups are large enough, and it compiles where there are any", async () => {
  const grouped = matrix("q_proj", [4, 64], int4(32), 1024);
  expect(matvecDefault("software", grouped, 8)).toBe("subgroups");
  expect(matvecDefault("software", grouped, 4)).toBe("rows");
  expect(matvecDefault("software", matrix("q_proj", [4, 64], int4(24), 1024), 8)).toBe("rows");
  expect(matvecDefault("software", matrix("q_proj", [4, 64], { kind: "f16" }, 1024), 8)).toBe("rows");
  const norm = { weight: tensor("norm", [64]), eps: 1e-5 };
  expect(matvecVariants(grouped, 8, norm)).toContain("subgroups");
  expect(matvecVariants(grouped, 8, norm)).not.toContain("rows");
  expect(matvecNorms("software", grouped, 8)).toBe(true);
  expect(matvecNorms("software", grouped, 4)).toBe(false);
  expect(matvecNorms("gpu", grouped)).toBe(true);
  const { pipelines, adapter } = await testGpu();
  const [dispatch] = matvec({ x: tensor("x", [64]), matrix: grouped, y: tensor("y", [4]), variant: "subgroups" });
  const compiling = pipelines.compile(dispatch!.kernel);
  if (adapter.features.includes("subgroups")) await compiling;
  else await expect(compiling).rejects.toThrow("subgroups");
});

test("matvec names what does not fit", async () => {
  const subject: Matrix = matrix("q_proj", [4, 8], int4(8), 1024);
  const [x, y] = [await empty([1, 9]), await empty([4])];
  expect(() => matvec({ x, matrix: subject, y })).toThrow(
    "q_proj is [4,8], so x must hold 8 values; found [1,9]. For several tokens use matmul.",
  );
  const bias = await empty([3]);
  expect(() => matvec({ x: { ...x, shape: [8] }, matrix: subject, y, bias })).toThrow(
    "bias must hold 4 values; found [3]",
  );
});
