import {
  type Gpu,
  groupWordsPerRow,
  type Matrix,
  type MatrixForm,
  matrix,
  matrixTensors,
  quantise,
  type TensorRef,
  tensor,
  wordsPerRow,
} from "@alambic/kernels";
import { CheckpointError } from "../errors.js";
import { BITS, isFloat, widen } from "./dtype.js";
import {
  type MlxDescription,
  type PlainDescription,
  requireShape,
  requireTensor,
  type WeightDescription,
} from "./formats/description.js";
import type { Checkpoint, TensorInfo } from "./safetensors.js";
import { written } from "./staging.js";

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
}

/** Host memory of one slice. */
const SLICE_BYTES = 4 * 2 ** 20;

/** The quantising kernel is compiled once for all first rows that are multiples of this. */
const ROW_STEP = 64;

/**
 * Streams a weight matrix to the GPU in slices of rows; no more than a slice is on the host at any time.
 *
 * MLX's words, scales and biases go over as they are. Plain numbers keep their type, or with `quantize` are packed to 8
 * or 4 bits on the GPU.
 *
 * @throws {@link CheckpointError}, {@link SourceError}, `OutOfMemoryError`, or the signal's reason; whatever was
 * allocated here is given back first.
 */
export async function uploadMatrix(
  gpu: Gpu,
  checkpoint: Checkpoint,
  description: WeightDescription,
  options: UploadMatrixOptions,
): Promise<Matrix> {
  const { module, shape } = description;
  const result = matrix(module, shape, uploadedForm(description, options), gpu.largestBinding);
  return disposingOnFailure(gpu, matrixTensors(result), async () => {
    const upload = { gpu, checkpoint, target: result, scratch: new Scratch(), ...options };
    if (description.kind === "mlx") await uploadMlx(upload, description);
    else if (result.form.kind === "int4" || result.form.kind === "int8") await uploadQuantising(upload, description);
    else await uploadPlain(upload, description);
    return result;
  });
}

/** The form a weight has on the GPU after `uploadMatrix` with the same options. */
export function uploadedForm(
  { kind, form }: WeightDescription,
  { quantize, groupSize = 64 }: Pick<UploadMatrixOptions, "quantize" | "groupSize">,
): MatrixForm {
  return kind === "mlx" || quantize === "none" ? form : { kind: quantize, groupSize, groupType: "f16" };
}

/**
 * A norm's weight or a bias, `[length]`, as f32. Nothing is rounded.
 *
 * @throws {@link CheckpointError} when it is missing, has another length, or is not F32, F16 or BF16.
 */
export async function uploadVector(
  gpu: Gpu,
  checkpoint: Checkpoint,
  name: string,
  length: number,
  { signal, onBytes }: UploadOptions = {},
): Promise<TensorRef> {
  const info = requireTensor(checkpoint, name);
  requireShape(info, [length]);
  const { dtype } = info;
  if (!isFloat(dtype)) {
    throw new CheckpointError(
      "checkpoint-dtype",
      `${name} is ${dtype}; F32, F16 or BF16 was expected. Use another copy of the model.`,
    );
  }
  const bytes = await checkpoint.readBytes(info, 0, info.end - info.start, { signal });
  onBytes?.(bytes.length);
  const result = tensor(name, [length]);
  return disposingOnFailure(gpu, [result], async () => {
    gpu.buffers.write(result, widen(bytes, dtype));
    await written(gpu, 4 * length, signal);
    return result;
  });
}

interface Upload extends UploadMatrixOptions {
  readonly gpu: Gpu;
  readonly checkpoint: Checkpoint;
  readonly target: Matrix;
  readonly scratch: Scratch;
}

/** Host memory that one upload uses for every slice, by what it is for. */
class Scratch {
  readonly #memory = new Map<string, Uint8Array>();

  take(use: "weights" | "scales" | "biases" | "padded" | "groups", bytes: number): Uint8Array {
    const known = this.#memory.get(use);
    const memory = known && known.length >= bytes ? known : new Uint8Array(bytes);
    this.#memory.set(use, memory);
    return memory.subarray(0, bytes);
  }
}

async function uploadPlain(upload: Upload, { tensors, shape: [, k], form }: PlainDescription): Promise<void> {
  const { gpu, target, signal } = upload;
  const rowBytes = 4 * wordsPerRow(k, form);
  for (const block of target.blocks) {
    for (const { first, rows } of slices(block.rows, rowsIn(rowBytes))) {
      const packed = await readRows(upload, "weights", tensors.weight, block.firstRow + first, rows);
      const padded = padRows(upload, packed, rows, rowBytes);
      gpu.buffers.write(block.values, padded, first * rowBytes);
      await written(gpu, padded.length, signal);
    }
  }
}

async function uploadQuantising(
  upload: Upload,
  { tensors, shape: [n, k], form, module }: PlainDescription,
): Promise<void> {
  const { gpu, target, signal } = upload;
  const { kind } = target.form;
  if (kind !== "int4" && kind !== "int8") throw new RangeError(`${module}: ${kind} is not a quantised form`);
  const targetForm = { ...target.form, kind };
  const rowBytes = 4 * wordsPerRow(k, form);
  const slice = matrix(`${module} slice`, [Math.min(n, rowsIn(rowBytes)), k], form, gpu.largestBinding).blocks[0]!;
  try {
    gpu.buffers.allocate(slice.values);
    for (const block of target.blocks) {
      for (const { first, rows } of slices(block.rows, slice.rows)) {
        const packed = await readRows(upload, "weights", tensors.weight, block.firstRow + first, rows);
        gpu.buffers.write(slice.values, padRows(upload, packed, rows, rowBytes));
        await gpu.executor.execute([
          quantise({ source: slice, sourceForm: form, k, target: block, targetForm, targetRow: first, rows }),
        ]);
        await written(gpu, rows * rowBytes, signal);
      }
    }
  } finally {
    gpu.buffers.dispose(slice.values);
  }
}

async function uploadMlx(upload: Upload, { tensors, shape: [, k], form }: MlxDescription): Promise<void> {
  const { gpu, target, signal } = upload;
  const rowBytes = 4 * wordsPerRow(k, form);
  const groupRowBytes = 4 * groupWordsPerRow(k, form);
  for (const block of target.blocks) {
    for (const { first, rows } of slices(block.rows, rowsIn(rowBytes))) {
      const words = await readRows(upload, "weights", tensors.weight, block.firstRow + first, rows);
      gpu.buffers.write(block.values, words, first * rowBytes);
      await written(gpu, words.length, signal);
    }
    for (const { first, rows } of slices(block.rows, rowsIn(groupRowBytes))) {
      const scales = await readRows(upload, "scales", tensors.scales, block.firstRow + first, rows);
      const biases = await readRows(upload, "biases", tensors.biases, block.firstRow + first, rows);
      const groups = interleave(upload, scales, biases, form.groupType === "f32" ? 4 : 2);
      gpu.buffers.write(block.groups!, groups, first * groupRowBytes);
      await written(gpu, groups.length, signal);
    }
  }
}

/** Allocates, then runs `task`; on any failure the tensors are given back. */
async function disposingOnFailure<T>(gpu: Gpu, tensors: readonly TensorRef[], task: () => Promise<T>): Promise<T> {
  try {
    gpu.buffers.allocate(...tensors);
    const result = await task();
    await gpu.buffers.settled();
    return result;
  } catch (error) {
    gpu.buffers.dispose(...tensors);
    throw error;
  }
}

/** Rows as they lie in the file, without padding. They stay good until the next rows for the same use. */
async function readRows(
  { checkpoint, scratch, signal, onBytes }: Upload,
  use: "weights" | "scales" | "biases",
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

function rowsIn(rowBytes: number): number {
  const rows = Math.floor(SLICE_BYTES / rowBytes);
  return rows > ROW_STEP ? rows - (rows % ROW_STEP) : Math.max(1, rows);
}

function* slices(rows: number, step: number): Generator<{ readonly first: number; readonly rows: number }> {
  for (let first = 0; first < rows; first += step) yield { first, rows: Math.min(step, rows - first) };
}

/** Each row followed by zeros up to `rowBytes`; the same bytes where rows are full already. */
function padRows({ scratch }: Upload, packed: Uint8Array, rows: number, rowBytes: number): Uint8Array {
  const used = packed.length / rows;
  if (used === rowBytes) return packed;
  const padded = scratch.take("padded", rows * rowBytes); // zero at first, and its padding is never written to
  for (let row = 0; row < rows; row++) padded.set(packed.subarray(row * used, (row + 1) * used), row * rowBytes);
  return padded;
}

/** Scale, bias, scale, bias, ...: numbers of `size` bytes from two arrays in turn. */
function interleave({ scratch }: Upload, scales: Uint8Array, biases: Uint8Array, size: 2 | 4): Uint8Array {
  const groups = scratch.take("groups", 2 * scales.length);
  for (let at = 0; at < scales.length; at += size) {
    for (let byte = at; byte < at + size; byte++) {
      groups[at + byte] = scales[byte]!;
      groups[at + size + byte] = biases[byte]!;
    }
  }
  return groups;
}
