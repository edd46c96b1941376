import { type Dispatch, elementCount, type TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { rowChunks } from "../../parts/row-chunks.js";
import wgsl from "./reorder.wgsl?raw";

export interface ReorderInputs {
  /** `[2]` u32: position and count; rows at or past count are left alone. */
  readonly step: TensorRef;
  /** `[T, width]`. */
  readonly x: TensorRef;
  /** `[width]` u32: the column of x that each column of y is; all below width. */
  readonly order: TensorRef;
  /** `[T, width]`. */
  readonly y: TensorRef;
}

/**
 * Each row's columns in another order: the input of a projection that act-order (GPTQ) quantised.
 *
 * @throws {@link ShapeError} when x, y and the order are not of one width.
 */
export function reorder({ step, x, order, y }: ReorderInputs): Dispatch {
  const width = elementCount(order.shape);
  const rows = elementCount(x.shape) / width;
  if (!Number.isInteger(rows) || x.shape.at(-1) !== width || elementCount(y.shape) !== rows * width) {
    throw new ShapeError(`reorder: an order of ${width} columns does not fit x [${x.shape}] and y [${y.shape}].`);
  }
  return {
    label: `reorder ${rows}x${width}`,
    kernel: { parts: [...rowChunks.parts, kernelPart], constants: rowChunks.constants },
    buffers: [step, x, order, y],
    workgroups: rowChunks.workgroups(rows, width),
    cost: { bytes: 8 * rows * width + 4 * width, flops: 0 },
  };
}

const kernelPart = { name: "reorder.wgsl", wgsl };
