import { elementCount, type TensorRef, tensor } from "./dispatch.js";
import { LimitError } from "./gpu/errors.js";
import { mebibytes } from "./gpu/mebibytes.js";

/** How a matrix's numbers are kept on the GPU. All forms are exact copies of a checkpoint's, or made by `quantise`. */
export type MatrixForm =
  /** Plain numbers; f16 and bf16 are packed two to a u32, the first in the low half. */
  | { readonly kind: "f32" | "f16" | "bf16" }
  | {
      /** Unsigned integers packed 8 or 4 to a u32, the first in the lowest bits; w = scale * q + offset. */
      readonly kind: "int4" | "int8";
      /** Columns that share a scale and an offset, a multiple of 8; the last group of a row may be short. */
      readonly groupSize: number;
      readonly groupType: GroupType;
    };

/**
 * How a group's scale and offset are kept. f16 and bf16: one u32 a group, scale low, offset high. f32: two u32 a group,
 * scale first. With `-zero`: one u32 a group, scale low, an integer zero high, and w = scale * (q - zero).
 */
export type GroupType = "f16" | "bf16" | "f32" | "f16-zero" | "bf16-zero";

/** Rows `firstRow` to `firstRow + rows` of a matrix, in buffers that fit a binding. */
export interface MatrixBlock {
  readonly firstRow: number;
  readonly rows: number;
  /** `[rows, wordsPerRow]` u32 (f32 for the f32 form). */
  readonly values: TensorRef;
  /** `[rows, groupWordsPerRow]` u32; int4 and int8 only. */
  readonly groups?: TensorRef;
}

/** A weight matrix `[N, K]`, as checkpoints keep it: `y[n] = sum over k of w[n, k] * x[k]`. Split by rows where a binding is too small. */
export interface Matrix {
  readonly name: string;
  readonly shape: readonly [n: number, k: number];
  readonly form: MatrixForm;
  readonly blocks: readonly MatrixBlock[];
}

/** Columns a row occupies: K rounded up to 8, so that a row begins on a word in every form. Padding is zero bits. */
export function paddedColumns(k: number): number {
  return Math.ceil(k / 8) * 8;
}

const BITS = { f32: 32, f16: 16, bf16: 16, int8: 8, int4: 4 } as const;

/** u32 words in a row of values. */
export function wordsPerRow(k: number, { kind }: MatrixForm): number {
  return (paddedColumns(k) * BITS[kind]) / 32;
}

/** u32 words in a row of groups: 0 for the plain forms. */
export function groupWordsPerRow(k: number, form: MatrixForm): number {
  if (!("groupSize" in form)) return 0;
  return Math.ceil(k / form.groupSize) * (form.groupType === "f32" ? 2 : 1);
}

/**
 * Describes a matrix and its blocks; nothing is allocated. `maxBytes` is the device's limit of one binding.
 *
 * @param rowsTogether - Blocks hold a multiple of as many rows: those of one expert, where a matrix is a stack of experts.
 * @throws {@link LimitError} when so many rows do not fit a binding.
 */
export function matrix(
  name: string,
  [n, k]: readonly [number, number],
  form: MatrixForm,
  maxBytes: number,
  rowsTogether = 1,
): Matrix {
  if ("groupSize" in form && form.groupSize % 8 !== 0) {
    throw new RangeError(`${name}: groups of ${form.groupSize} columns; a group must be a multiple of 8.`);
  }
  const words = wordsPerRow(k, form);
  const groupWords = groupWordsPerRow(k, form);
  const rowBytes = 4 * Math.max(words, groupWords);
  const rowsPerBlock = Math.min(n, Math.floor(maxBytes / rowBytes / rowsTogether) * rowsTogether);
  if (rowsPerBlock < 1 && rowsTogether > 1) {
    throw new LimitError(
      `${name}: one expert's ${rowsTogether} rows of ${k} columns take ${mebibytes(rowsTogether * rowBytes)} as ${form.kind}; this device allows ${mebibytes(maxBytes)} a binding. Load with quantize: "int4", or choose a device with a larger limit.`,
    );
  }
  if (rowsPerBlock < 1)
    throw new RangeError(`${name}: one row of ${k} columns takes ${4 * words} bytes; this device binds ${maxBytes}.`);
  const blocks: MatrixBlock[] = [];
  for (let firstRow = 0; firstRow < n; firstRow += rowsPerBlock) {
    const rows = Math.min(rowsPerBlock, n - firstRow);
    const values = tensor(name, [rows, words], form.kind === "f32" ? "f32" : "u32");
    blocks.push(
      groupWords
        ? { firstRow, rows, values, groups: tensor(`${name} groups`, [rows, groupWords], "u32") }
        : { firstRow, rows, values },
    );
  }
  return { name, shape: [n, k], form, blocks };
}

/**
 * Several matrices as one, their rows one after the other: described, not copied.
 *
 * @returns `undefined` where their columns or forms differ, or the whole would be more than one block.
 */
export function mergedMatrix(parts: readonly Matrix[], maxBytes: number): Matrix | undefined {
  const [first] = parts;
  const alike = parts.every(
    ({ shape, form, blocks }) =>
      shape[1] === first?.shape[1] && JSON.stringify(form) === JSON.stringify(first.form) && blocks.length === 1,
  );
  if (!first || !alike) return undefined;
  const rows = parts.reduce((sum, { shape }) => sum + shape[0], 0);
  const whole = matrix(parts.map(({ name }) => name).join(" + "), [rows, first.shape[1]], first.form, maxBytes);
  return whole.blocks.length === 1 ? whole : undefined;
}

/** Every tensor of a matrix, to allocate or dispose of. */
export function matrixTensors({ blocks }: Matrix): TensorRef[] {
  return blocks.flatMap(({ values, groups }) => (groups ? [values, groups] : [values]));
}

/** Bytes a matrix takes on the GPU. */
export function matrixBytes(subject: Matrix): number {
  return matrixTensors(subject).reduce((sum, { shape }) => sum + 4 * elementCount(shape), 0);
}
