import {
  type Gpu,
  type MatrixForm,
  matrix,
  matrixTensors,
  type TensorRef,
  tensor,
  wordsPerRow,
} from "@alambic/kernels";
import { CheckpointError } from "../errors.js";
import { isFloat, widen } from "./dtype.js";
import {
  type MlxDescription,
  type PackedDescription,
  type PlainDescription,
  requireShape,
  requireTensor,
  type WeightDescription,
} from "./formats/description.js";
import type { LoadedMatrix } from "./loaded-matrix.js";
import type { Checkpoint } from "./safetensors.js";
import {
  padRows,
  readRows,
  rowsIn,
  Scratch,
  slices,
  type Upload,
  type UploadMatrixOptions,
  type UploadOptions,
} from "./slices.js";
import { written } from "./staging.js";

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
    if (description.kind === "plain" && result.form.kind === description.form.kind)
      await uploadPlain(upload, description);
    else if (description.kind === "plain") await fetched.quantising(upload, description);
    else if (description.kind === "mlx") await fetched.mlx(upload, description);
    else return fetched.packed(upload, description);
    return result;
  });
}

/** Ways whose code comes with the first weight that takes them. */
const fetched = {
  quantising: async (upload: Upload, description: PlainDescription) =>
    (await import("./upload-quantising.js")).uploadQuantising(upload, description),
  mlx: async (upload: Upload, description: MlxDescription) =>
    (await import("./upload-mlx.js")).uploadMlx(upload, description),
  packed: async (upload: Upload, description: PackedDescription) =>
    (await import("./upload-packed.js")).uploadPacked(upload, description),
};

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
