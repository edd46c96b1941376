import type { Gpu, Matrix } from "@alambic/kernels";
import { BITS } from "./dtype.js";
import type { Checkpoint, TensorInfo } from "./safetensors.js";

export interface UploadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes of each read from the checkpoint, as they arrive. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

export interface UploadMatrixOptions extends UploadOptions {
  /** What becomes of plain weights. Quantised ones always stay as they are. */
  readonly quantize: "none" | "int8" | "int4";
  /** Columns that share a scale when quantising, a multiple of 8. Default 64. */
  readonly groupSize?: number;
  /** Host memory that uploads one after the other share. Default: each its own, left to the garbage collector. */
  readonly scratch?: Scratch;
}

/** Host memory of one slice. */
export const SLICE_BYTES = 4 * 2 ** 20;

/** The quantising kernel is compiled once for all first rows that are multiples of this. */
const ROW_STEP = 64;

/** What every way of uploading a matrix works with. */
export interface Upload extends UploadMatrixOptions {
  readonly gpu: Gpu;
  readonly checkpoint: Checkpoint;
  readonly target: Matrix;
  readonly scratch: Scratch;
}

/** Host memory that is used for every slice, by what it is for; of one upload at a time. */
export class Scratch {
  readonly #memory = new Map<string, Uint8Array>();

  take(use: "weights" | "scales" | "biases" | "zeros" | "padded" | "groups", bytes: number): Uint8Array {
    const known = this.#memory.get(use);
    const memory = known && known.length >= bytes ? known : new Uint8Array(bytes);
    this.#memory.set(use, memory);
    return memory.subarray(0, bytes);
  }
}

/** Rows as they lie in the file, without padding. They stay good until the next rows for the same use. */
export async function readRows(
  { checkpoint, scratch, signal, onBytes }: Upload,
  use: "weights" | "scales" | "biases" | "zeros",
  tensor: TensorInfo,
  first: number,
  rows: number,
): Promise<Uint8Array> {
  const rowBytes = (tensor.shape[1]! * BITS[tensor.dtype]) / 8;
  const into = scratch.take(use, rows * rowBytes);
  const bytes = await checkpoint.readBytes(tensor, first * rowBytes, (first + rows) * rowBytes, { signal, into });
  onBytes?.(bytes.length);
  return bytes;
}

export function rowsIn(rowBytes: number): number {
  const rows = Math.floor(SLICE_BYTES / rowBytes);
  return rows > ROW_STEP ? rows - (rows % ROW_STEP) : Math.max(1, rows);
}

export function* slices(rows: number, step: number): Generator<{ readonly first: number; readonly rows: number }> {
  for (let first = 0; first < rows; first += step) yield { first, rows: Math.min(step, rows - first) };
}

/** Each row followed by zeros up to `rowBytes`; the same bytes where rows are full already. */
export function padRows({ scratch }: Upload, packed: Uint8Array, rows: number, rowBytes: number): Uint8Array {
  const used = packed.length / rows;
  if (used === rowBytes) return packed;
  const padded = scratch.take("padded", rows * rowBytes).fill(0);
  for (let row = 0; row < rows; row++) padded.set(packed.subarray(row * used, (row + 1) * used), row * rowBytes);
  return padded;
}
