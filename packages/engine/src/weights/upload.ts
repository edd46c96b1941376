import {
  type Gpu,
  groupWordsPerRow,
  type MatrixForm,
  matrix,
  matrixTensors,
  quantise,
  type TensorRef,
  tensor,
  wordsPerRow,
} from "@alambic/kernels";
import { CheckpointError } from "../errors.js";
import { isFloat, widen } from "./dtype.js";
import {
  type MlxDescription,
  type PlainDescription,
  requireShape,
  requireTensor,
  type WeightDescription,
} from "./formats/description.js";
import type { LoadedMatrix } from "./loaded-matrix.js";
import type { Checkpoint } from "./safetensors.js";
import {
  readRows,
  rowsIn,
  Scratch,
  slices,
  type Upload,
  type UploadMatrixOptions,
  type UploadOptions,
} from "./slices.js";
import { written } from "./staging.js";
import { uploadPacked } from "./upload-packed.js";

export type { UploadMatrixOptions, UploadOptions } from "./slices.js";

/**
 * Streams a weight matrix to the GPU in slices of rows; no more than a slice is on the host at any time.
 *
 * MLX's words, scales and biases go over as they are; GPTQ's and AWQ's are brought into our order on the GPU, every
 * number kept. Plain numbers keep their type, or with `quantize` are packed to 8 or 4 bits on the GPU.
 *
 * @throws {@link CheckpointError}, {@link SourceError}, `OutOfMemoryError`, or the signal's reason; whatever was
 * allocated here is given back first.
 */
export async function uploadMatrix(
  gpu: Gpu,
  checkpoint: Checkpoint,
  description: WeightDescription,
  options: UploadMatrixOptions,
): Promise<LoadedMatrix> {
  const { module, shape } = description;
  const result = matrix(module, shape, uploadedForm(description, options), gpu.largestBinding);
  return disposingOnFailure(gpu, matrixTensors(result), async () => {
    const upload = { gpu, checkpoint, target: result, ...options, scratch: options.scratch ?? new Scratch() };
    if (description.kind === "mlx") await uploadMlx(upload, description);
    else if (description.kind !== "plain") return uploadPacked(upload, description);
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
  return kind !== "plain" || quantize === "none" ? form : quantisedForm({ quantize, groupSize });
}

function quantisedForm({ quantize, groupSize = 64 }: Pick<UploadMatrixOptions, "quantize" | "groupSize">) {
  if (quantize === "none") throw new RangeError("Weights that are not to be quantised have no quantised form.");
  return { kind: quantize, groupSize, groupType: "f16" } as const;
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
  const targetForm = quantisedForm(upload);
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

/** Each row followed by zeros up to `rowBytes`; the same bytes where rows are full already. */
function padRows({ scratch }: Upload, packed: Uint8Array, rows: number, rowBytes: number): Uint8Array {
  const used = packed.length / rows;
  if (used === rowBytes) return packed;
  const padded = scratch.take("padded", rows * rowBytes).fill(0);
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
