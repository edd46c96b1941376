import type { Dispatch, TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { rowChunks } from "../../parts/row-chunks.js";
import wgsl from "./add.wgsl?raw";

export interface AddInputs {
  /** `[2]` u32: position and count; rows at or past count are left alone. */
  readonly step: TensorRef;
  /** `[T, width]`. */
  readonly a: TensorRef;
  /** `[T, width]`. */
  readonly b: TensorRef;
  /** `[T, width]`, in a buffer of its own. */
  readonly y: TensorRef;
  /** Factor on b; 1 unless given. */
  readonly scale?: number;
}

/**
 * `y = a + scale · b`: the residual stream.
 *
 * @throws {@link ShapeError} when a, b and y differ in shape.
 */
export function add({ step, a, b, y, scale = 1 }: AddInputs): Dispatch {
  const [rows = 0, width = 0] = a.shape;
  if ([b, y].some(({ shape }) => shape[0] !== rows || shape[1] !== width)) {
    throw new ShapeError(`add: a is [${a.shape}], so b and y must be too; found [${b.shape}] and [${y.shape}].`);
  }
  return {
    label: `add ${rows}x${width}`,
    kernel: {
      parts: [...rowChunks.parts, kernelPart],
      constants: { WIDTH: width, SCALE: scale, ...rowChunks.constants },
    },
    buffers: [step, a, b, y],
    workgroups: rowChunks.workgroups(rows, width),
    cost: { bytes: 12 * rows * width, flops: 2 * rows * width },
  };
}

const kernelPart = { name: "add.wgsl", wgsl };
