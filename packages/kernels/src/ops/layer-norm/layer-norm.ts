import { type Dispatch, spread, type TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { lanesWorkgroup, step as stepPart } from "../../parts/index.js";
import wgsl from "./layer-norm.wgsl?raw";

export interface LayerNormInputs {
  /** `[2]` u32: position and count; rows at or past count are left alone. */
  readonly step: TensorRef;
  /** `[T, width]`. */
  readonly x: TensorRef;
  /** `[width]`. */
  readonly weight: TensorRef;
  /** `[width]`. */
  readonly bias: TensorRef;
  /** `[T, width]`, in a buffer of its own. */
  readonly y: TensorRef;
  readonly eps: number;
}

/**
 * Layer norm over the last axis: `y = (x - mean) / sqrt(variance + eps) · weight + bias`.
 *
 * @throws {@link ShapeError} when x, y, weight and bias disagree on the width.
 * @see Ba, Kiros and Hinton, arXiv:1607.06450
 */
export function layerNorm({ step, x, weight, bias, y, eps }: LayerNormInputs): Dispatch {
  const [rows = 0, width = 0] = x.shape;
  if ([weight, bias].some(({ shape }) => shape[0] !== width) || y.shape.join() !== [rows, width].join()) {
    throw new ShapeError(
      `layerNorm: x is [${x.shape}], so weight and bias must be [${width}] and y [${rows},${width}]; found [${weight.shape}], [${bias.shape}] and [${y.shape}].`,
    );
  }
  return {
    label: `layerNorm ${rows}x${width}`,
    kernel: { parts: [stepPart, lanesWorkgroup, kernelPart], constants: { WIDTH: width, EPS: eps, LANES: 64 } },
    buffers: [step, x, weight, bias, y],
    workgroups: spread(rows),
    cost: { bytes: 4 * width * (2 * rows + 2), flops: 8 * rows * width },
  };
}

const kernelPart = { name: "layer-norm.wgsl", wgsl };
