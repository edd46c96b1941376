import { expect, test } from "vitest";
import { type Kernel, tensor } from "../../dispatch.js";
import { type MatrixForm, matrix } from "../../matrix.js";
import { empty, freeBuffersAfterAll, runToFloats, testGpu, testTargets, upload } from "../../testing/gpu.js";
import { dequantiseReference, randomMatrix, uploadMatrix } from "../../testing/matrices.js";
import { nmse, randomFloats } from "../../testing/random.js";
import { roundedShapes } from "../round-rows/round-rows.js";
import { DOTS, HALVES, matmulDefault, matmulVariants } from "./layout.js";
import { type MatmulInputs, matmul, matmulPartials } from "./matmul.js";
import { matmulReference } from "./matmul.reference.js";

freeBuffersAfterAll();

interface Case {
  why: string;
  t: number;
  n: number;
  k: number;
  form: MatrixForm;
  count?: number;
  maxBytes?: number;
  residual?: boolean;
  bias?: boolean;
}

const cases: Case[] = [
  { why: "smallest", t: 1, n: 1, k: 1, form: { kind: "f32" } },
  { why: "one more than a tile, every way", t: 33, n: 129, k: 33, form: { kind: "f32" } },
  { why: "whole vectors of x but not whole eights", t: 5, n: 6, k: 36, form: { kind: "bf16" } },
  {
    why: "groups that are no power of two",
    t: 33,
    n: 65,
    k: 72,
    form: { kind: "int4", groupSize: 24, groupType: "bf16" },
  },
  { why: "short last group", t: 37, n: 131, k: 421, form: { kind: "int4", groupSize: 128, groupType: "f32" } },
  { why: "odd, within one group", t: 3, n: 5, k: 43, form: { kind: "int8", groupSize: 64, groupType: "f16" } },
  {
    why: "two blocks",
    t: 6,
    n: 23,
    k: 72,
    form: { kind: "int4", groupSize: 24, groupType: "f16" },
    maxBytes: 432,
    residual: true,
    bias: true,
  },
  { why: "more rows than one grid dimension holds", t: 2, n: 65_537, k: 8, form: { kind: "bf16" } },
  { why: "a bias", t: 5, n: 70, k: 96, form: { kind: "f16" }, bias: true },
  {
    why: "a chunk that is not full: a tile begun, a tile not begun",
    t: 70,
    count: 35,
    n: 66,
    k: 40,
    form: { kind: "int8", groupSize: 32, groupType: "f16" },
    residual: true,
  },
  {
    why: "gate_proj of SmolLM2-135M",
    t: 64,
    n: 1536,
    k: 576,
    form: { kind: "int4", groupSize: 32, groupType: "bf16" },
  },
];

type Target = Pick<MatmulInputs, "adapter" | "subgroupSize" | "variant" | "rounded" | "partials">;

async function expectRight(
  { t, n, k, form, count = t, maxBytes, ...optional }: Case,
  target: Target,
  x = randomFloats(t * k, k),
  [least, most]: readonly [number, number] = [0, 1e-12],
): Promise<void> {
  const host = randomMatrix([n, k], form, n + k);
  const terms = {
    ...(optional.residual && { residual: randomFloats(t * n, 1) }),
    ...(optional.bias && { bias: randomFloats(n, 2) }),
  };
  const y = await upload(new Float32Array(t * n).fill(7), [t, n], "output");
  const dispatches = matmul({
    step: await upload(Uint32Array.of(11, count), [2]),
    x: await upload(x, [t, k]),
    matrix: await uploadMatrix(host, maxBytes),
    y,
    ...target,
    ...(terms.residual && { residual: await upload(terms.residual, [t, n]) }),
    ...(terms.bias && { bias: await upload(terms.bias, [n]) }),
  });
  const actual = await runToFloats(dispatches, y);
  const expected = matmulReference(dequantiseReference(host), x, { k, ...terms });
  const error = nmse(actual.subarray(0, count * n), expected.subarray(0, count * n));
  expect(error).toBeGreaterThanOrEqual(least);
  expect(error).toBeLessThan(most);
  expect(actual.subarray(count * n).every((value) => value === 7)).toBe(true);
}

const targets = await testTargets();
const everywhere = cases.flatMap((one) => targets.map((target) => ({ ...one, ...target })));

test.each(everywhere)(
  "matmul for a $adapter adapter with subgroups of $subgroupSize, $why ($t × $n × $k, $form.kind)",
  async ({ adapter, subgroupSize, ...one }) => expectRight(one, { adapter, subgroupSize }),
);

const awkward = cases.filter(
  ({ form, residual, t }) => "groupSize" in form && (residual || t === 37), // a short last group, two blocks, a chunk that is not full
);
const layouts = awkward.flatMap((one) =>
  matmulVariants({
    x: tensor("x", [one.t, one.k]),
    matrix: matrix("any", [one.n, one.k], one.form, 1 << 20),
  })
    .filter((variant) => !["rows", "subgroups", "tile-32x64x32"].includes(variant)) // they are among the above
    .filter((variant) => !variant.includes("-k")) // and those with K in slices below
    .map((variant) => ({ ...one, variant })),
);

test.each(layouts)("matmul in the layout $variant, $why ($t × $n × $k, $form.kind)", async ({ variant, ...one }) =>
  expectRight(one, { variant }),
);

const slicedCases: (Case & { variant: string })[] = [
  { why: "one token", variant: "tile-32x64x32-k2", t: 1, n: 5, k: 512, form: { kind: "f16" } },
  {
    why: "odd N, slices that are not alike",
    variant: "packed-64x64-k8",
    t: 33,
    n: 67,
    k: 600,
    form: { kind: "int4", groupSize: 24, groupType: "f16" },
  },
  {
    why: "a chunk that is not full, odd K, terms",
    variant: "tile-32x64x32-k8",
    t: 70,
    count: 37,
    n: 131,
    k: 421,
    form: { kind: "int8", groupSize: 64, groupType: "f16" },
    residual: true,
    bias: true,
  },
  {
    why: "two blocks, more slices than columns for them, terms",
    variant: "tile-32x32x32-k4",
    t: 6,
    n: 23,
    k: 72,
    form: { kind: "int4", groupSize: 24, groupType: "bf16" },
    maxBytes: 432,
    residual: true,
    bias: true,
  },
];

test.each(slicedCases)(
  "matmul with K in slices, $variant, $why ($t × $n × $k, $form.kind)",
  async ({ variant, ...one }) => {
    const partials = await upload(new Float32Array(one.t * 8 * one.n).fill(Number.NaN), [one.t, 8, one.n]);
    await expectRight(one, { variant, partials });
  },
);

test("K is split by default only on a GPU, with room, and where there are too few workgroups for one", () => {
  const form: MatrixForm = { kind: "int4", groupSize: 32, groupType: "bf16" };
  const problem = (t: number, n: number, k: number) => ({
    step: tensor("step", [2], "u32"),
    x: tensor("x", [t, k]),
    matrix: matrix("any", [n, k], form, 2 ** 27),
  });
  const down = problem(128, 576, 1536); // 36 workgroups as they are
  expect(matmulDefault(down, true)).toBe("tile-32x64x32-k4");
  expect(matmulPartials(down)).toEqual([128, 4, 576]);
  expect(matmulDefault(down, false)).toBe("tile-32x64x32");
  expect(matmulDefault({ ...down, adapter: "software" }, true)).toBe("rows");
  expect(matmulPartials({ ...down, adapter: "software" })).toBeUndefined();
  expect(matmulDefault(problem(128, 192, 576), true)).toBe("tile-32x64x32-k4"); // no slice of less than 128 columns
  expect(matmulDefault(problem(128, 3072, 576), true)).toBe("tile-32x64x32");
  const y = tensor("y", [128, 576]);
  expect(() => matmul({ ...down, y, variant: "tile-32x64x32-k4" })).toThrow(
    "the layout tile-32x64x32-k4 needs room for 4 slices of [128, 576] values",
  );
  const [product, sum] = matmul({ ...down, y, partials: tensor("partials", [128, 8, 576]) });
  expect(product?.workgroups).toEqual([9, 4, 4]);
  expect(sum?.label).toBe("matmul sum 128x4x576");
});

const halfCases: (Case & { slices?: number })[] = [
  { why: "smallest", t: 1, n: 1, k: 1, form: { kind: "f32" } },
  { why: "odd, int8", t: 3, n: 5, k: 43, form: { kind: "int8", groupSize: 64, groupType: "f16" } },
  {
    why: "a chunk that is not full, terms",
    t: 70,
    count: 35,
    n: 66,
    k: 421,
    form: { kind: "int4", groupSize: 24, groupType: "bf16" },
    residual: true,
    bias: true,
  },
  { why: "K in slices", t: 33, n: 67, k: 600, form: { kind: "bf16" }, residual: true, slices: 4 },
];

test.each(halfCases)(
  "matmul in f16, $why ($t × $n × $k, $form.kind): near the reference; without shader-f16 it does not compile",
  async ({ slices = 1, ...one }) => {
    const variant = slices > 1 ? `${HALVES}-k${slices}` : HALVES;
    const { features } = (await testGpu()).adapter;
    const partials = slices > 1 ? await empty([one.t, slices, one.n]) : undefined;
    const near = expectRight(one, { variant, partials }, undefined, [one.k > 1 ? 1e-9 : 0, 1e-6]);
    if (features.includes("shader-f16")) await near;
    else await expect(near).rejects.toThrow("f16");
  },
);

test("matmul in f16 holds activations past its greatest number to it, and adds up whole numbers exactly", async () => {
  const { features } = (await testGpu()).adapter;
  const run = async (x: Float32Array) => {
    const y = await empty([1, 1]);
    const host = randomMatrix([1, 64], { kind: "f32" }, 1);
    for (let i = 0; i < 64; i++) host.values[i] = 0x3f80_0000; // 1
    const matrix = await uploadMatrix(host);
    const step = await upload(Uint32Array.of(0, 1), [2]);
    return (await runToFloats(matmul({ step, x: await upload(x, [1, 64]), matrix, y, variant: HALVES }), y))[0];
  };
  const large = new Float32Array(64);
  large[3] = 1e6;
  // In f16 alone the sum of 64 numbers would lose its units past 2,048.
  const whole = Float32Array.from({ length: 64 }, (_, i) => 2 * i - 1);
  if (features.includes("shader-f16")) {
    expect(await run(large)).toBe(65_504);
    expect(await run(whole)).toBe(64 * 62);
  } else await expect(run(large)).rejects.toThrow("f16");
});

test("layouts in f16 are offered only where they may be", () => {
  const problem = {
    x: tensor("x", [128, 1536]),
    matrix: matrix("down", [576, 1536], { kind: "int4", groupSize: 32, groupType: "f16" }, 2 ** 27),
  };
  expect(matmulVariants({ ...problem, halves: true })).toEqual([...matmulVariants(problem), HALVES, `${HALVES}-k8`]);
});

const dotCases: Case[] = [
  { why: "one group", t: 3, n: 5, k: 32, form: { kind: "int8", groupSize: 32, groupType: "f16" } },
  { why: "a short last group", t: 70, n: 131, k: 416, form: { kind: "int4", groupSize: 128, groupType: "f32" } },
  {
    why: "a chunk that is not full",
    t: 70,
    count: 35,
    n: 66,
    k: 64,
    form: { kind: "int4", groupSize: 32, groupType: "bf16" },
    residual: true,
    bias: true,
  },
  { why: "two blocks", t: 6, n: 23, k: 96, form: { kind: "int8", groupSize: 32, groupType: "f16" }, maxBytes: 96 * 12 },
];

test.each(dotCases)(
  "matmul of bytes, $why ($t × $n × $k, $form.kind): exact for x that is bytes, near for any",
  async ({ t, n, k, ...one }) => {
    const shapes = roundedShapes(t, k);
    const target = {
      variant: DOTS,
      rounded: { bytes: await empty(shapes.bytes, "u32"), scales: await empty(shapes.scales) },
    };
    // Powers of two keep the scales exact, and 127 among each 32 makes them 1.
    const bytes = Float32Array.from({ length: t * k }, (_, i) => (i % 32 === 7 ? 127 : ((i * 37) % 255) - 127));
    await expectRight({ t, n, k, ...one }, target, bytes);
    await expectRight({ t, n, k, ...one }, target, randomFloats(t * k, k), [1e-6, 2e-4]);
  },
);

test("the layout of bytes is offered only where there is room for them and 32 columns share a scale", async () => {
  const room = { bytes: tensor("bytes", [2, 8], "u32"), scales: tensor("scales", [2, 2]) };
  const named = (groupSize: number) => matrix("up_proj", [4, 32], { kind: "int4", groupSize, groupType: "f16" }, 1024);
  const x = tensor("x", [2, 32]);
  expect(matmulVariants({ x, matrix: named(32), rounded: room })).toContain(DOTS);
  expect(matmulVariants({ x, matrix: named(32) })).not.toContain(DOTS);
  expect(matmulVariants({ x, matrix: named(16), rounded: room })).not.toContain(DOTS);
  const inputs = { step: tensor("step", [2], "u32"), x, y: tensor("y", [2, 4]), variant: DOTS };
  expect(() => matmul({ ...inputs, matrix: named(32) })).toThrow("up_proj is int4 [4,32], and there is no room.");
});

test("layouts that keep weights packed are for the forms that fit", () => {
  const variantsFor = (form: MatrixForm) =>
    matmulVariants({ x: tensor("x", [2, 8]), matrix: matrix("up_proj", [4, 8], form, 1024) }).join();
  expect(variantsFor({ kind: "int4", groupSize: 8, groupType: "f16" })).toContain("packed-64x64,packed-64x128");
  expect(variantsFor({ kind: "int8", groupSize: 8, groupType: "f16" })).not.toContain("packed-64x128");
  expect(variantsFor({ kind: "bf16" })).not.toContain("packed");
});

test("matmul takes the layout with subgroups where they are large enough, and it compiles where there are any", async () => {
  const [step, x, y] = [tensor("step", [2], "u32"), tensor("x", [9, 8]), tensor("y", [9, 4])];
  const inputs = { step, x, matrix: matrix("up_proj", [4, 8], { kind: "f32" }, 1024), y };
  const kernelFor = (adapter: "gpu" | "software", subgroupSize: number) =>
    matmul({ ...inputs, adapter, subgroupSize })[0]!.kernel;
  const last = ({ parts }: Kernel) => parts.at(-1)?.name;
  expect(last(kernelFor("software", 8))).toBe("matmul-subgroup.wgsl");
  expect(last(kernelFor("software", 4))).toBe("matmul-rows.wgsl");
  expect(last(kernelFor("gpu", 32))).toBe("matmul.wgsl");
  const { pipelines, adapter } = await testGpu();
  const compiling = pipelines.compile(kernelFor("software", 8));
  if (adapter.features.includes("subgroups")) await compiling;
  else await expect(compiling).rejects.toThrow("subgroups");
});

test("matmul names what does not fit", async () => {
  const [step, x, y] = [await upload(Uint32Array.of(0, 2), [2]), await empty([2, 8]), await empty([2, 5])];
  const subject = matrix("up_proj", [4, 8], { kind: "f32" }, 1024);
  expect(() => matmul({ step, x, matrix: subject, y })).toThrow("up_proj is [4,8], so y must be [2,4]; found [2,5]");
});
