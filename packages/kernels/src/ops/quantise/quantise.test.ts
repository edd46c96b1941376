import { beforeAll, describe, expect, test } from "vitest";
import { type MatrixForm, matrix, matrixTensors, wordsPerRow } from "../../matrix.js";
import { freeBuffersAfterAll, runToArray, testGpu } from "../../testing/gpu.js";
import {
  decode,
  dequantiseReference,
  encode,
  type HostMatrix,
  setField,
  uploadMatrix,
} from "../../testing/matrices.js";
import { randomFloats, randomWords } from "../../testing/random.js";
import mlx from "./mlx-oracle.json" with { type: "json" };
import { quantise } from "./quantise.js";
import { minMaxReference, quantiseReference, storedReference } from "./quantise.reference.js";

freeBuffersAfterAll();

type Plain = "f32" | "f16" | "bf16";
type Packed = MatrixForm & { kind: "int4" | "int8"; groupType: "f16" | "bf16" | "f32" };

function packed(kind: "int4" | "int8", groupSize: number, groupType: "f16" | "bf16" | "f32" = "f16"): Packed {
  return { kind, groupSize, groupType };
}

function hostMatrix(rows: number, k: number, kind: Plain, weights: ArrayLike<number>): HostMatrix {
  const host = {
    shape: [rows, k] as const,
    form: { kind },
    values: new Uint32Array(rows * wordsPerRow(k, { kind })),
    groups: new Uint32Array(0),
  };
  for (let i = 0; i < rows * k; i++) setField(host, Math.floor(i / k), i % k, encode(kind, weights[i]!));
  return host;
}

/** Quantises on the GPU, a slice at a time, and reads the packed matrix back. */
async function quantiseOnGpu(source: HostMatrix, form: Packed, slices = [source.shape[0]]): Promise<HostMatrix> {
  const gpu = await testGpu();
  const [rows, k] = source.shape;
  const target = matrix("target", [rows, k], form, 2 ** 27);
  gpu.buffers.allocate(...matrixTensors(target));
  // Padding must come out as zero whatever the buffer held.
  gpu.buffers.write(target.blocks[0]!.values, new Uint32Array(rows * wordsPerRow(k, form)).fill(0xffffffff));
  let done = 0;
  for (const count of slices) {
    const words = wordsPerRow(k, source.form);
    const slice = {
      ...source,
      shape: [count, k] as const,
      values: source.values.subarray(done * words, (done + count) * words),
    };
    const uploaded = await uploadMatrix(slice);
    const dispatch = quantise({
      source: uploaded.blocks[0]!,
      sourceForm: source.form as { kind: Plain },
      k,
      target: target.blocks[0]!,
      targetForm: form,
      targetRow: done,
      rows: count,
    });
    await runToArray(dispatch, target.blocks[0]!.values);
    done += count;
  }
  const values = (await gpu.buffers.read(target.blocks[0]!.values)) as Uint32Array;
  const groups = (await gpu.buffers.read(target.blocks[0]!.groups!)) as Uint32Array;
  return { shape: [rows, k], form, values, groups };
}

interface GroupErrors {
  readonly error: number;
  readonly minMax: number;
  readonly best: number;
  readonly power: number;
}

/** Squared error of every group, beside what min-max rounding and the slow search reach. */
function groupErrors(source: HostMatrix, result: HostMatrix): GroupErrors[] {
  const { groupSize, groupType, kind } = result.form as Packed;
  const [rows, k] = source.shape;
  const weights = dequantiseReference(source);
  const back = dequantiseReference(result);
  const errors: GroupErrors[] = [];
  for (let row = 0; row < rows; row++) {
    for (let first = 0; first < k; first += groupSize) {
      const from = row * k + first;
      const to = row * k + Math.min(k, first + groupSize);
      const group = weights.subarray(from, to);
      let error = 0;
      let power = 0;
      for (let i = from; i < to; i++) {
        error += (weights[i]! - back[i]!) ** 2;
        power += weights[i]! ** 2;
      }
      const levels = kind === "int4" ? 15 : 255;
      errors.push({
        error,
        power,
        minMax: minMaxReference(group, levels, groupType).error,
        best: quantiseReference(group, levels, groupType).error,
      });
    }
  }
  return errors;
}

const total = (errors: GroupErrors[], key: keyof GroupErrors) => errors.reduce((sum, group) => sum + group[key], 0);

/** Bits past the last column of each row. */
function paddingBits({ shape: [rows, k], form, values }: HostMatrix): number {
  const words = wordsPerRow(k, form);
  const bits = form.kind === "int4" ? 4 : 8;
  let set = 0;
  for (let row = 0; row < rows; row++) {
    for (let col = k; col < (words * 32) / bits; col++) {
      set |= (values[row * words + Math.floor((col * bits) / 32)]! >>> ((col * bits) % 32)) & (2 ** bits - 1);
    }
  }
  return set;
}

// `slack`: how far the total error may lie above the slow search's. Few groups, or short ones, vary more.
const cases: {
  why: string;
  rows: number;
  k: number;
  kind: Plain;
  form: Packed;
  slices?: number[];
  slack?: number;
}[] = [
  { why: "one number", rows: 1, k: 1, kind: "f32", form: packed("int4", 32) },
  { why: "a short row", rows: 3, k: 7, kind: "bf16", form: packed("int4", 32), slack: 1.5 },
  { why: "an odd K and a last group of one column", rows: 5, k: 65, kind: "f16", form: packed("int4", 64) },
  { why: "groups that are not a power of two, the last short", rows: 4, k: 76, kind: "f32", form: packed("int4", 24) },
  { why: "the whole of K as one group", rows: 3, k: 1000, kind: "bf16", form: packed("int4", 1000) },
  { why: "groups of 128, bf16 scales", rows: 6, k: 256, kind: "bf16", form: packed("int4", 128, "bf16") },
  { why: "groups of 32, f32 scales", rows: 6, k: 160, kind: "f16", form: packed("int4", 32, "f32") },
  {
    why: "rows in slices that begin off the 256-byte grid",
    rows: 11,
    k: 72,
    kind: "f32",
    form: packed("int4", 32),
    slices: [3, 8],
  },
  { why: "int8, odd K", rows: 3, k: 131, kind: "f32", form: packed("int8", 64), slack: 1.2 },
  {
    why: "int8, bf16 scales, in slices",
    rows: 9,
    k: 96,
    kind: "bf16",
    form: packed("int8", 32, "bf16"),
    slices: [4, 5],
  },
  { why: "int8, f32 scales, the whole of K", rows: 2, k: 520, kind: "f16", form: packed("int8", 520, "f32") },
  {
    why: "SmolLM2's width, more than one workgroup",
    rows: 9,
    k: 576,
    kind: "bf16",
    form: packed("int4", 64),
    slack: 1.05,
  },
];

test.each(cases)("quantise, $why ($rows × $k $kind)", async ({ rows, k, kind, form, slices, slack = 1.1 }) => {
  const source = hostMatrix(rows, k, kind, randomFloats(rows * k, rows + k, 0.05));
  const result = await quantiseOnGpu(source, form, slices);
  const errors = groupErrors(source, result);
  for (const { error, minMax, power } of errors) expect(error).toBeLessThanOrEqual(minMax * (1 + 1e-4) + 1e-12 * power);
  expect(total(errors, "error")).toBeLessThanOrEqual(slack * total(errors, "best") + 1e-12 * total(errors, "power"));
  expect(paddingBits(result)).toBe(0);
});

const grid = (levels: number, scale: number, offset: number) =>
  Array.from(
    randomWords(32, levels),
    (word, i) => offset + scale * (i === 7 ? 0 : i === 20 ? levels - 1 : word % levels),
  );
const toBf16 = (x: number) => decode("bf16", encode("bf16", x));
const around = (centre: number, spread: number) => Array.from(randomFloats(32, 5), (x) => centre + spread * x);

// `within`: the squared error allowed, as a share of the squared weights.
const difficult: { why: string; weights: number[]; within: number; type?: "f16" | "bf16" | "f32" }[] = [
  { why: "zeros", weights: new Array(32).fill(0), within: 0 },
  { why: "a constant that f16 does not hold", weights: new Array(32).fill(-0.1234567), within: 1e-12 },
  { why: "one outlier", weights: around(0, 0.01).with(9, 10), within: 1e-3 },
  { why: "a small range far from zero", weights: around(1000.3, 0.01), within: 1e-9 },
  { why: "a 4-bit grid", weights: grid(16, 0.25, -1.75), within: 0 },
  { why: "a 4-bit grid, 13 of its levels used", weights: grid(13, 0.375, -1.5), within: 0 },
  { why: "a 4-bit grid rounded to bf16", weights: grid(16, 0.01373, -0.1042).map(toBf16), within: 5e-6 },
  { why: "11 levels rounded to bf16", weights: grid(11, 0.01373, -0.1042).map(toBf16), within: 5e-6 },
  { why: "ternary weights", weights: grid(3, 0.5, -0.5), within: 1e-6 },
  { why: "two values", weights: grid(2, 1, -0.5), within: 1e-7 },
  { why: "weights past f16, clipped", weights: around(0, 1e6), within: 1 },
  { why: "f16 subnormal scales", weights: around(0, 1e-6), within: 0.02 },
  { why: "weights too small for f16", weights: around(0, 1e-12), within: 1 },
  { why: "11 levels, f32 scales", weights: grid(11, 0.1, 3), within: 1e-12, type: "f32" },
  { why: "a large constant, f32 scales", weights: new Array(32).fill(1e20), within: 1e-12, type: "f32" },
  { why: "large weights, bf16 scales", weights: around(0, 1e30), within: 0.02, type: "bf16" },
  { why: "tiny weights, bf16 scales", weights: around(0, 1e-34), within: 0.02, type: "bf16" },
  { why: "a small range far from zero, bf16 scales", weights: around(1000.3, 0.01), within: 1e-9, type: "bf16" },
];

describe.each([
  { type: "f16", kind: "int4" },
  { type: "bf16", kind: "int4" },
  { type: "f32", kind: "int4" },
  { type: "f16", kind: "int8" },
] as const)("quantise to $kind with $type scales keeps its head", ({ type, kind }) => {
  const groups = difficult.filter((group) => (group.type ?? "f16") === type);
  let errors: GroupErrors[];

  // One row each, so that one kernel serves them all.
  beforeAll(async () => {
    const source = hostMatrix(
      groups.length,
      32,
      "f32",
      groups.flatMap(({ weights }) => weights),
    );
    errors = groupErrors(source, await quantiseOnGpu(source, packed(kind, 32, type)));
  });

  test.each(groups)("with $why", ({ why, within }) => {
    const { error, minMax, power } = errors[groups.findIndex((group) => group.why === why)]!;
    expect(error).toBeLessThanOrEqual(minMax * (1 + 1e-4) + 1e-12 * power); // false, too, for what is not finite
    expect(error).toBeLessThanOrEqual((within + (kind === "int8" ? 1e-5 : 0)) * power);
  });
});

test("quantise stays finite at the largest f32", async () => {
  const source = hostMatrix(1, 32, "f32", around(0, 1e37).with(0, 3.4e38).with(1, -3.4e38));
  const result = await quantiseOnGpu(source, packed("int4", 32, "f32"));
  expect(dequantiseReference(result).every(Number.isFinite)).toBe(true);
});

test.each(["f16", "bf16"] as const)(
  "quantise rounds scales and offsets to the nearest %s, ties to even",
  async (type) => {
    // Groups of one constant: its rounding is the offset, and the rounding of what that left over the scale.
    const bits = type === "f16" ? 10 : 7;
    const constants = [1 + 2 ** -(bits + 1), 1 + 3 * 2 ** -(bits + 1), -(2 - 2 ** -(bits + 1)), 2 ** -14 - 2 ** -25];
    constants.push(2 ** -24, 2 ** -25, 1.0001 * 2 ** -25, 1.5 * 2 ** -24, 2.5 * 2 ** -24, 65_504, 65_519, -65_520, 1e6);
    for (const [i, x] of randomFloats(82, 3).entries()) constants.push(Math.fround(x * 2 ** (i - 41)));
    const weights = constants.flatMap((constant) => new Array(8).fill(constant));
    const result = await quantiseOnGpu(hostMatrix(1, weights.length, "f32", weights), packed("int4", 8, type));
    for (const [i, constant] of constants.entries()) {
      const offset = storedReference(Math.fround(constant), type);
      const found = { offset: decode(type, result.groups[i]! >>> 16), scale: decode(type, result.groups[i]! & 0xffff) };
      expect({ constant, ...found }).toEqual({
        constant,
        offset,
        scale: storedReference(Math.fround(Math.fround(constant) - offset), type),
      });
    }
  },
);

test("quantise writes its rows and no others", async () => {
  const gpu = await testGpu();
  const form = packed("int4", 32);
  const [block] = matrix("target", [8, 40], form, 2 ** 27).blocks;
  gpu.buffers.allocate(block!.values, block!.groups!);
  gpu.buffers.write(block!.values, new Uint32Array(8 * 5).fill(0xabababab));
  const source = await uploadMatrix(hostMatrix(3, 40, "f32", randomFloats(120, 1)));
  const sourceForm = { kind: "f32" } as const;
  const inputs = {
    source: source.blocks[0]!,
    sourceForm,
    k: 40,
    target: block!,
    targetForm: form,
    targetRow: 2,
    rows: 3,
  };
  const values = [...(await runToArray(quantise(inputs), block!.values))];
  const kept = values.map((word) => word === 0xabababab);
  expect(kept).toEqual(values.map((_, i) => i < 10 || i >= 25));
  const scales = [...(await gpu.buffers.read(block!.groups!))];
  expect(scales.map((word) => word !== 0)).toEqual(scales.map((_, i) => i >= 4 && i < 10));
});

test.each([4, 8] as const)("quantise is no worse than MLX at %i bits on real weights", async (bits) => {
  const k = mlx.group_size;
  const words = mlx.groups.flatMap(({ bf16 }) =>
    bf16.match(/.{4}/g)!.map((hex) => decode("bf16", Number.parseInt(hex, 16))),
  );
  const source = hostMatrix(mlx.groups.length, k, "bf16", words);
  const errors = groupErrors(source, await quantiseOnGpu(source, packed(bits === 4 ? "int4" : "int8", k)));
  for (const [i, { error }] of errors.entries()) expect(error).toBeLessThanOrEqual(mlx.groups[i]!.error[bits]);
  // And clearly better on the whole: about half its error on grids of another size, four fifths on normal weights.
  const theirs = mlx.groups.reduce((sum, group) => sum + group.error[bits], 0);
  expect(total(errors, "error")).toBeLessThan(0.8 * theirs);
});

test("quantise says what does not fit", async () => {
  const form = packed("int4", 32);
  const [target] = matrix("target", [8, 64], form, 2 ** 27).blocks;
  const [source] = matrix("source", [4, 64], { kind: "bf16" }, 2 ** 27).blocks;
  const inputs = { source: source!, sourceForm: { kind: "bf16" }, k: 64, target: target!, targetForm: form } as const;
  expect(() => quantise({ ...inputs, targetRow: 0, rows: 5 })).toThrow(
    "5 rows of 64 bf16 columns need a source of [5, 32] words; found [4,32]",
  );
  expect(() => quantise({ ...inputs, targetRow: 6, rows: 4 })).toThrow(
    "rows 6 to 10 were asked for; the target block holds 8",
  );
  expect(() => quantise({ ...inputs, targetForm: packed("int8", 32), targetRow: 0, rows: 4 })).toThrow(
    "take 16 words of values and 2 of groups a row; the target has [8,8] and [8,2]",
  );
});
