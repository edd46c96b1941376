import type { Dispatch, TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { rowChunks } from "../../parts/row-chunks.js";
import wgsl from "./scale.wgsl?raw";

export interface ScaleInputs {
  /** `[2]` u32: position and count; rows at or past count are left alone. */
  readonly step: TensorRef;
  /** `[T, width]`. */
  readonly x: TensorRef;
  /** `[T, width]`, in a buffer of its own. */
  readonly y: TensorRef;
  readonly factor: number;
}

/**
 * `y = factor · x`.
 *
 * @throws {@link ShapeError} when x and y differ in shape.
 */
export function scale({ step, x, y, factor }: ScaleInputs): Dispatch {
  const [rows = 0, width = 0] = x.shape;
  if (y.shape.join() !== [rows, width].join()) {
    throw new ShapeError(`scale: x is [${x.shape}], so y must be too; found [${y.shape}].`);
  }
  return {
    label: `scale ${rows}x${width}`,
    kernel: { parts: [...rowChunks.parts, kernelPart], constants: rowChunks.constants },
    buffers: [step, x, y],
    uniforms: [width, new Uint32Array(Float32Array.of(factor).buffer)[0]!],
    workgroups: rowChunks.workgroups(rows, width),
    cost: { bytes: 8 * rows * width, flops: rows * width },
  };
}

const kernelPart = { name: "scale.wgsl", wgsl };
