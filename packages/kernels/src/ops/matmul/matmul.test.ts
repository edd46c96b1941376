import { expect, test } from "vitest";
import { type Kernel, tensor } from "../../dispatch.js";
import { type MatrixForm, matrix } from "../../matrix.js";
import { empty, freeBuffersAfterAll, runToFloats, testGpu, testTargets, upload } from "../../testing/gpu.js";
import { dequantiseReference, randomMatrix, uploadMatrix } from "../../testing/matrices.js";
import { nmse, randomFloats } from "../../testing/random.js";
import { roundedShapes } from "../round-rows/round-rows.js";
import { DOTS, type MatmulInputs, matmul, matmulDefault, matmulVariants } from "./matmul.js";
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

type Target = Pick<MatmulInputs, "adapter" | "subgroupSize" | "variant" | "rounded">;

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
  matmulVariants(
    matrix("any", [one.n, one.k], one.form, 1 << 20),
    Math.max(...targets.map((target) => target.subgroupSize)),
  )
    .filter((variant) => variant !== matmulDefault("gpu") && variant !== "rows" && variant !== "subgroups") // they are among the above
    .map((variant) => ({ ...one, variant })),
);

test.each(layouts)("matmul in the layout $variant, $why ($t × $n × $k, $form.kind)", async ({ variant, ...one }) =>
  expectRight(one, { variant }),
);

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
  expect(matmulVariants(named(32), 8, room)).toContain(DOTS);
  expect(matmulVariants(named(32), 8)).not.toContain(DOTS);
  expect(matmulVariants(named(16), 8, room)).not.toContain(DOTS);
  const inputs = { step: tensor("step", [2], "u32"), x: tensor("x", [2, 32]), y: tensor("y", [2, 4]), variant: DOTS };
  expect(() => matmul({ ...inputs, matrix: named(32) })).toThrow("up_proj is int4 [4,32], and there is no room.");
});

test("layouts that keep weights packed are for the forms that fit", () => {
  const variantsFor = (form: MatrixForm) => matmulVariants(matrix("up_proj", [4, 8], form, 1024)).join();
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
