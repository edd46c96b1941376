import { type Dispatch, spread, type TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { lanesWorkgroup, step as stepPart } from "../../parts/index.js";
import wgsl from "./last-row.wgsl?raw";

export interface LastRowInputs {
  /** `[2]` u32: position and count. With a count of 0 nothing is written. */
  readonly step: TensorRef;
  /** `[T, width]`. */
  readonly x: TensorRef;
  /** `[1, width]`. */
  readonly y: TensorRef;
}

/**
 * Copies row `count - 1` of x, so that the head computes the logits of one token only.
 *
 * @throws {@link ShapeError} when y is not one row of x's width.
 */
export function lastRow({ step, x, y }: LastRowInputs): Dispatch {
  const [, width = 0] = x.shape;
  if (y.shape[0] !== 1 || y.shape[1] !== width) {
    throw new ShapeError(`lastRow: x is [${x.shape}], so y must be [1,${width}]; found [${y.shape}].`);
  }
  return {
    label: `lastRow ${width}`,
    kernel: { parts: [stepPart, lanesWorkgroup, kernelPart], constants: { WIDTH: width, SPAN, LANES: 64 } },
    buffers: [step, x, y],
    workgroups: spread(Math.ceil(width / SPAN)),
    cost: { bytes: 8 * width, flops: 0 },
  };
}

const SPAN = 512; // elements of a workgroup: 8 a lane
const kernelPart = { name: "last-row.wgsl", wgsl };
