import type { Dispatch, TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { type Activation, activations } from "../../parts/activations.js";
import { rowChunks } from "../../parts/row-chunks.js";
import wgsl from "./activate.wgsl?raw";

export interface ActivateInputs {
  /** `[2]` u32: position and count; rows at or past count are left alone. */
  readonly step: TensorRef;
  /** `[T, width]`. */
  readonly x: TensorRef;
  /** `[T, width]`, in a buffer of its own. */
  readonly y: TensorRef;
  readonly activation: Activation;
}

/**
 * `y = activation(x)`. `gelu` is within 1e-6 of the exact one.
 *
 * @throws {@link ShapeError} when x and y differ in shape.
 * @see Hendrycks and Gimpel, arXiv:1606.08415 (GELU); Abramowitz and Stegun, 7.1.26 (its error function)
 */
export function activate({ step, x, y, activation }: ActivateInputs): Dispatch {
  const [rows = 0, width = 0] = x.shape;
  if (y.shape.join() !== [rows, width].join()) {
    throw new ShapeError(`activate: x is [${x.shape}], so y must be too; found [${y.shape}].`);
  }
  return {
    label: `activate ${rows}x${width} ${activation}`,
    kernel: {
      parts: [...rowChunks.parts, activations[activation], kernelPart],
      constants: rowChunks.constants,
    },
    buffers: [step, x, y],
    uniforms: [width],
    workgroups: rowChunks.workgroups(rows, width),
    cost: { bytes: 8 * rows * width, flops: 16 * rows * width },
  };
}

const kernelPart = { name: "activate.wgsl", wgsl };
