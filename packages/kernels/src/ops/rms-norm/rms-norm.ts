import { type Dispatch, elementCount, spread, type TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { lanesWorkgroup, step as stepPart } from "../../parts/index.js";
import wgsl from "./rms-norm.wgsl?raw";

export interface RmsNormInputs {
  /** `[2]` u32: position and count; rows at or past count are left alone. */
  readonly step: TensorRef;
  /** `[T, width]`, or `[T, heads, width]`: each head of a token is a row of its own. */
  readonly x: TensorRef;
  /** `[width]`. */
  readonly weight: TensorRef;
  /** In the shape of x. */
  readonly y: TensorRef;
  readonly eps: number;
  /** Added to each weight: 0 for Llama, 1 for Gemma. */
  readonly unitOffset?: 0 | 1;
}

/**
 * Root-mean-square norm over the last axis: `y = x / sqrt(mean(x²) + eps) · weight`.
 *
 * @throws {@link ShapeError} when x, y and weight disagree on the width.
 * @see Zhang and Sennrich, arXiv:1910.07467
 */
export function rmsNorm({ step, x, weight, y, eps, unitOffset = 0 }: RmsNormInputs): Dispatch {
  const width = x.shape.at(-1) ?? 0;
  const rowsPerToken = elementCount(x.shape.slice(1, -1));
  const rows = (x.shape[0] ?? 0) * rowsPerToken;
  if (weight.shape[0] !== width || y.shape.join() !== x.shape.join()) {
    throw new ShapeError(
      `rmsNorm: x is [${x.shape}], so weight must be [${width}] and y [${x.shape}]; found [${weight.shape}] and [${y.shape}].`,
    );
  }
  return {
    label: `rmsNorm ${rows}x${width}`,
    kernel: {
      parts: [stepPart, lanesWorkgroup, kernelPart],
      constants: { WIDTH: width, EPS: eps, UNIT_OFFSET: unitOffset, LANES: 64 },
    },
    buffers: [step, x, weight, y],
    uniforms: [rowsPerToken],
    workgroups: spread(rows),
    cost: { bytes: 4 * width * (2 * rows + 1), flops: 4 * rows * width },
  };
}

const kernelPart = { name: "rms-norm.wgsl", wgsl };
