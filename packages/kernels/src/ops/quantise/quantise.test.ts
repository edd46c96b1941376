import { expect, test } from "vitest";
import { groupWordsPerRow, type MatrixForm, matrix, matrixTensors, wordsPerRow } from "../../matrix.js";
import { empty, freeBuffersAfterAll, runToArray, runToFloats, testGpu } from "../../testing/gpu.js";
import { dequantiseReference, encode, type HostMatrix, setField, uploadMatrix } from "../../testing/matrices.js";
import { randomFloats } from "../../testing/random.js";
import { quantise } from "./quantise.js";
import { minMaxReference, quantiseReference } from "./quantise.reference.js";

freeBuffersAfterAll();

type Plain = "f32" | "f16" | "bf16";
type Packed = MatrixForm & { kind: "int4" | "int8" };

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

const cases: { why: string; rows: number; k: number; kind: Plain; form: Packed; slices?: number[] }[] = [
  { why: "one number", rows: 1, k: 1, kind: "f32", form: packed("int4", 32) },
  { why: "a short row", rows: 3, k: 7, kind: "bf16", form: packed("int4", 32) },
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
    slices: [1, 3, 7],
  },
  { why: "int8, odd K", rows: 3, k: 131, kind: "f32", form: packed("int8", 64) },
  {
    why: "int8, bf16 scales, in slices",
    rows: 9,
    k: 96,
    kind: "bf16",
    form: packed("int8", 32, "bf16"),
    slices: [4, 5],
  },
  { why: "int8, f32 scales, the whole of K", rows: 2, k: 520, kind: "f16", form: packed("int8", 520, "f32") },
  { why: "more workgroups than one, SmolLM2's width", rows: 9, k: 576, kind: "bf16", form: packed("int4", 64) },
];

test.each(cases)("quantise, $why ($rows × $k $kind)", async ({ rows, k, kind, form, slices }) => {
  const source = hostMatrix(rows, k, kind, randomFloats(rows * k, rows + k, 0.05));
  const result = await quantiseOnGpu(source, form, slices);
  const errors = groupErrors(source, result);
  for (const { error, minMax, power } of errors) expect(error).toBeLessThanOrEqual(minMax * (1 + 1e-4) + 1e-12 * power);
  expect(total(errors, "error")).toBeLessThanOrEqual(1.2 * total(errors, "best") + 1e-12 * total(errors, "power"));
  expect(paddingBits(result)).toBe(0);
});
