import { expect, test } from "vitest";
import type { MatrixForm } from "../../matrix.js";
import { empty, freeBuffersAfterAll, runToFloats, testGpu, testTargets, upload } from "../../testing/gpu.js";
import { dequantiseReference, randomMatrix, uploadMatrix } from "../../testing/matrices.js";
import { nmse, randomFloats } from "../../testing/random.js";
import { matvecNorms } from "../matvec/layout.js";
import { matvecReference } from "../matvec/matvec.reference.js";
import { rmsNormReference } from "../rms-norm/rms-norm.reference.js";
import { swigluReference } from "../swiglu/swiglu.reference.js";
import { gateUp } from "./gate-up.js";

freeBuffersAfterAll();

const int4 = (groupSize: number): MatrixForm => ({ kind: "int4", groupSize, groupType: "bf16" });

interface Case {
  why: string;
  width: number;
  k: number;
  form: MatrixForm;
  activation: "silu" | "gelu_tanh";
  extra?: "norm" | "bias";
}

const cases: Case[] = [
  { why: "smallest", width: 1, k: 1, form: { kind: "f32" }, activation: "silu" },
  { why: "odd width, GELU", width: 131, k: 72, form: int4(24), activation: "gelu_tanh" },
  { why: "odd width and K, a norm", width: 7, k: 43, form: { kind: "f16" }, activation: "silu", extra: "norm" },
  {
    why: "biases",
    width: 33,
    k: 64,
    form: { kind: "int8", groupSize: 32, groupType: "f16" },
    activation: "silu",
    extra: "bias",
  },
  { why: "SmolLM2-135M", width: 1536, k: 576, form: int4(32), activation: "silu", extra: "norm" },
];

const targets = await testTargets();
const everywhere = cases.flatMap((one) =>
  targets.filter((target) => one.extra !== "norm" || normed(one, target)).map((target) => ({ ...one, ...target })),
);

function normed({ width, k, form }: Case, { adapter, subgroupSize }: (typeof targets)[number]): boolean {
  return matvecNorms(adapter, { form, shape: [2 * width, k] }, subgroupSize);
}

test.each(everywhere)(
  "gateUp for a $adapter adapter with subgroups of $subgroupSize, $why ($width × $k)",
  async ({ adapter, subgroupSize, width, k, form, activation, extra }) => {
    const host = randomMatrix([2 * width, k], form, width + k);
    const x = randomFloats(k, 1, 4);
    const vector = randomFloats(extra === "norm" ? k : 2 * width, 2);
    const y = await empty([1, width]);
    const dispatch = gateUp({
      x: await upload(x, [1, k]),
      matrix: await uploadMatrix(host),
      y,
      activation,
      adapter,
      subgroupSize,
      ...(extra === "norm" && { norm: { weight: await upload(vector, [k]), eps: 1e-5 } }),
      ...(extra === "bias" && { bias: await upload(vector, [2 * width]) }),
    });
    const input = extra === "norm" ? Float32Array.from(rmsNormReference(x, vector, { eps: 1e-5 })) : x;
    const projected = Float32Array.from(
      matvecReference(dequantiseReference(host), input, extra === "bias" ? { bias: vector } : {}),
    );
    const expected = swigluReference(projected.slice(0, width), projected.slice(width), activation);
    expect(nmse(await runToFloats(dispatch, y), expected)).toBeLessThan(1e-11);
  },
);

test("gateUp in the layout for subgroups norms its input too", async () => {
  const { subgroupSize } = (await testGpu()).adapter;
  const [width, k] = [131, 168];
  const host = randomMatrix([2 * width, k], int4(24), width);
  const [x, weight] = [randomFloats(k, 1, 4), randomFloats(k, 2)];
  const y = await empty([1, width]);
  const norm = { weight: await upload(weight, [k]), eps: 1e-5 };
  const inputs = { x: await upload(x, [1, k]), matrix: await uploadMatrix(host), y, norm, activation: "silu" as const };
  const running = runToFloats(gateUp({ ...inputs, subgroupSize, variant: "teams-64" }), y);
  if (subgroupSize === undefined) return expect(running).rejects.toThrow("subgroups");
  const normed = Float32Array.from(rmsNormReference(x, weight, { eps: 1e-5 }));
  const projected = Float32Array.from(matvecReference(dequantiseReference(host), normed));
  const expected = swigluReference(projected.slice(0, width), projected.slice(width), "silu");
  expect(nmse(await running, expected)).toBeLessThan(1e-11);
});

test("gateUp names what does not fit", async () => {
  const matrix = await uploadMatrix(randomMatrix([6, 8], int4(8), 1), undefined, "layers.0.gate_up");
  const [x, y] = [await empty([1, 8]), await empty([1, 4])];
  expect(() => gateUp({ x, matrix, y, activation: "silu" })).toThrow(
    "layers.0.gate_up is [6,8] in 1 blocks, x [1,8] and y [1,4]",
  );
});
