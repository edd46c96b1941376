import { groupWordsPerRow, type Matrix, type MatrixForm, matrix, wordsPerRow } from "../matrix.js";
import { testGpu } from "./gpu.js";
import { randomFloats, randomSource } from "./random.js";

/** A matrix on the host, in the layout of the GPU: what a loader would upload. */
export interface HostMatrix {
  readonly shape: readonly [n: number, k: number];
  readonly form: MatrixForm;
  /** `[N, wordsPerRow]`. */
  readonly values: Uint32Array;
  /** `[N, groupWordsPerRow]`; empty for the plain forms. */
  readonly groups: Uint32Array;
}

const BITS = { f32: 32, f16: 16, bf16: 16, int8: 8, int4: 4 } as const;

/** A matrix of seeded weights of about the given spread; the quantised forms get scales and offsets that centre them. */
export function randomMatrix(
  shape: readonly [number, number],
  form: MatrixForm,
  seed: number,
  spread = 0.05,
): HostMatrix {
  const [n, k] = shape;
  const host: HostMatrix = {
    shape,
    form,
    values: new Uint32Array(n * wordsPerRow(k, form)),
    groups: new Uint32Array(n * groupWordsPerRow(k, form)),
  };
  if (!("groupSize" in form)) {
    const floats = randomFloats(n * k, seed, spread);
    for (let i = 0; i < floats.length; i++) setField(host, Math.floor(i / k), i % k, encode(form.kind, floats[i]!));
    return host;
  }
  const next = randomSource(seed);
  const levels = 2 ** BITS[form.kind];
  for (let row = 0; row < n; row++) {
    for (let col = 0; col < k; col++) setField(host, row, col, Math.floor(next() * levels));
    for (let group = 0; group * form.groupSize < k; group++) {
      const scale = ((1 + next()) * 2 * spread) / levels;
      setGroup(host, row, group, scale, -scale * levels * (0.4 + 0.2 * next()));
    }
  }
  return host;
}

/** The weights `[N, K]` that a matrix's words stand for, in f64. Written from the layout's description, not from the kernels. */
export function dequantiseReference({ shape: [n, k], form, values, groups }: HostMatrix): Float64Array {
  const weights = new Float64Array(n * k);
  const words = wordsPerRow(k, form);
  const bits = BITS[form.kind];
  for (let row = 0; row < n; row++) {
    for (let col = 0; col < k; col++) {
      const word = values[row * words + Math.floor((col * bits) / 32)]!;
      const field = bits === 32 ? word : (word >>> ((col * bits) % 32)) & (2 ** bits - 1);
      if (!("groupSize" in form)) {
        weights[row * k + col] = decode(form.kind as "f32" | "f16" | "bf16", field);
        continue;
      }
      const at =
        row * groupWordsPerRow(k, form) + Math.floor(col / form.groupSize) * (form.groupType === "f32" ? 2 : 1);
      const [type, zero] = form.groupType.split("-") as ["f32" | "f16" | "bf16", "zero"?];
      const [first, second] =
        type === "f32" ? [groups[at]!, groups[at + 1]!] : [groups[at]! & 0xffff, groups[at]! >>> 16];
      const scale = decode(type, first);
      weights[row * k + col] = zero ? scale * (field - second) : scale * field + decode(type, second);
    }
  }
  return weights;
}

/** Allocates and writes a matrix; a small `maxBytes` splits it into several blocks, of a multiple of `rowsTogether`. */
export async function uploadMatrix(
  host: HostMatrix,
  maxBytes = 128 * 2 ** 20,
  name = "weight",
  rowsTogether = 1,
): Promise<Matrix> {
  const gpu = await testGpu();
  const subject = matrix(name, host.shape, host.form, maxBytes, rowsTogether);
  for (const { firstRow, rows, values, groups } of subject.blocks) {
    const words = wordsPerRow(host.shape[1], host.form);
    gpu.buffers.allocate(values);
    gpu.buffers.write(values, host.values.subarray(firstRow * words, (firstRow + rows) * words));
    if (!groups) continue;
    const groupWords = groupWordsPerRow(host.shape[1], host.form);
    gpu.buffers.allocate(groups);
    gpu.buffers.write(groups, host.groups.subarray(firstRow * groupWords, (firstRow + rows) * groupWords));
  }
  return subject;
}

/** Sets one weight's bits. */
export function setField({ shape: [, k], form, values }: HostMatrix, row: number, col: number, field: number): void {
  const bits = BITS[form.kind];
  const at = row * wordsPerRow(k, form) + Math.floor((col * bits) / 32);
  values[at] = values[at]! | (field << ((col * bits) % 32));
}

/** Sets one group's scale and offset, rounded to the group's type; a zero is the nearest integer. */
export function setGroup(
  { shape: [, k], form, groups }: HostMatrix,
  row: number,
  group: number,
  scale: number,
  offset: number,
): void {
  if (!("groupSize" in form)) throw new TypeError(`${form.kind} has no groups`);
  const start = row * groupWordsPerRow(k, form);
  const [type, zero] = form.groupType.split("-") as ["f32" | "f16" | "bf16", "zero"?];
  if (type === "f32") {
    groups[start + 2 * group] = encode("f32", scale);
    groups[start + 2 * group + 1] = encode("f32", offset);
  } else {
    const high = zero ? Math.round(-offset / scale) : encode(type, offset);
    groups[start + group] = encode(type, scale) | (high << 16);
  }
}

const view = new DataView(new ArrayBuffer(4));

/** The bits of a number, rounded to nearest; f16 numbers must be below 65,520. */
export function encode(kind: "f32" | "f16" | "bf16", value: number): number {
  view.setFloat32(0, value);
  const bits = view.getUint32(0);
  if (kind === "f32") return bits;
  if (kind === "bf16") return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
  const exponent = Math.max(-14, Math.floor(Math.log2(Math.abs(value) || 1e-30)));
  // A mantissa that rounds up to 2048 carries into the exponent by itself; below 1024 it is a subnormal.
  const mantissa = Math.round(Math.abs(value) * 2 ** (10 - exponent));
  return (value < 0 ? 0x8000 : 0) + ((exponent + 14) << 10) + mantissa;
}

/** The number some bits stand for. */
export function decode(kind: "f32" | "f16" | "bf16", bits: number): number {
  if (kind !== "f16") {
    view.setUint32(0, kind === "f32" ? bits : bits << 16);
    return view.getFloat32(0);
  }
  const exponent = (bits >>> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  const size = exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -size : size;
}
