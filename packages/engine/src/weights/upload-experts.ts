import { type Gpu, type Matrix, matrixTensors, sizeOf } from "@alambic/kernels";
import { CheckpointError } from "../errors.js";
import type { Parameter } from "../graph/graph.js";
import { placedMatrix } from "./experts.js";
import type { WeightDescription } from "./formats/description.js";
import { loadedTensors } from "./loaded-matrix.js";
import type { Checkpoint } from "./safetensors.js";
import { type UploadMatrixOptions, uploadedForm, uploadMatrix } from "./upload.js";

/**
 * Streams the experts of a stack to the GPU, one matrix after the other in the order of the file, each put in its place
 * there: never is more than one of them on the GPU twice.
 *
 * @throws as `uploadMatrix`; whatever was allocated here is given back first.
 */
export async function uploadExperts(
  gpu: Gpu,
  checkpoint: Checkpoint,
  parameter: Parameter,
  parts: readonly [WeightDescription, ...WeightDescription[]],
  options: UploadMatrixOptions,
): Promise<Matrix> {
  const stack = placedMatrix(parameter, uploadedForm(parts[0], options), gpu.largestBinding);
  const rows = parts[0].shape[0];
  const placed = parts.map((part, index) => ({ part, row: index * rows }));
  gpu.buffers.allocate(...matrixTensors(stack));
  try {
    await gpu.buffers.settled();
    for (const { part, row } of placed.toSorted((a, b) => placeInFile(a.part) - placeInFile(b.part))) {
      const expert = await uploadMatrix(gpu, checkpoint, part, options);
      if (!expert.order) copyRows(gpu, expert, stack, row);
      gpu.buffers.dispose(...loadedTensors(expert)); // the queue keeps them until the copies are done
      if (expert.order) throw outOfOrder(part);
    }
    return stack;
  } catch (error) {
    gpu.buffers.dispose(...matrixTensors(stack));
    throw error;
  }
}

function outOfOrder({ module }: WeightDescription): CheckpointError {
  return new CheckpointError(
    "checkpoint-quantization",
    `${module} has its columns out of order (GPTQ's act-order); experts that are read as one must have them as the input has. Use a copy that was quantised without desc_act.`,
  );
}

/** Copies a matrix to the rows from `row` on of a stack, none of whose blocks ends within them. */
function copyRows(gpu: Gpu, from: Matrix, to: Matrix, row: number): void {
  const target = to.blocks.findLast(({ firstRow }) => firstRow <= row)!;
  const encoder = gpu.device.createCommandEncoder();
  for (const { firstRow, values, groups } of from.blocks) {
    for (const [source, into] of [
      [values, target.values],
      [groups, target.groups],
    ] as const) {
      if (!source || !into) continue;
      const at = 4 * (row - target.firstRow + firstRow) * into.shape[1]!;
      encoder.copyBufferToBuffer(gpu.buffers.resolve(source), 0, gpu.buffers.resolve(into), at, sizeOf(source));
    }
  }
  gpu.device.queue.submit([encoder.finish()]);
}

/** Good for sorting within one file; between files the order does not matter. */
function placeInFile({ tensors }: WeightDescription): number {
  return Math.min(...Object.values(tensors).map(({ start }) => start));
}
