import type { Dispatch, TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { type Activation, activations } from "../../parts/activations.js";
import { rowChunks } from "../../parts/row-chunks.js";
import wgsl from "./swiglu.wgsl?raw";
import mergedWgsl from "./swiglu-merged.wgsl?raw";

export interface SwigluInputs {
  /** `[2]` u32: position and count; rows at or past count are left alone. */
  readonly step: TensorRef;
  /** `[T, I]`. */
  readonly gate: TensorRef;
  /** `[T, I]`. */
  readonly up: TensorRef;
  /** `[T, I]`. */
  readonly y: TensorRef;
  readonly activation: Activation;
}

/**
 * The gate of a transformer's MLP: `y = activation(gate) · up`.
 *
 * @throws {@link ShapeError} when gate, up and y differ in shape.
 * @see Shazeer, arXiv:2002.05202
 */
export function swiglu({ step, gate, up, y, activation }: SwigluInputs): Dispatch {
  const [rows = 0, width = 0] = gate.shape;
  if ([up, y].some(({ shape }) => shape[0] !== rows || shape[1] !== width)) {
    throw new ShapeError(
      `swiglu: gate is [${gate.shape}], so up and y must be too; found [${up.shape}] and [${y.shape}].`,
    );
  }
  return {
    label: `swiglu ${rows}x${width} ${activation}`,
    kernel: {
      parts: [...rowChunks.parts, activations[activation], kernelPart],
      constants: { WIDTH: width, ...rowChunks.constants },
    },
    buffers: [step, gate, up, y],
    workgroups: rowChunks.workgroups(rows, width),
    cost: { bytes: 12 * rows * width, flops: 6 * rows * width },
  };
}

export interface SwigluMergedInputs {
  readonly step: TensorRef;
  /** `[T, 2 I]`: each row the gate, then up, as a merged projection gives them. */
  readonly gateUp: TensorRef;
  /** `[T, I]`. */
  readonly y: TensorRef;
  readonly activation: Activation;
}

/** `swiglu` over one tensor that holds both its inputs. @throws {@link ShapeError} when gateUp is not twice as wide as y. */
export function swigluMerged({ step, gateUp, y, activation }: SwigluMergedInputs): Dispatch {
  const [rows = 0, width = 0] = y.shape;
  if (gateUp.shape.join() !== [rows, 2 * width].join()) {
    throw new ShapeError(
      `swigluMerged: y is [${y.shape}], so gateUp must be [${rows},${2 * width}]; found [${gateUp.shape}].`,
    );
  }
  return {
    label: `swiglu merged ${rows}x${width} ${activation}`,
    kernel: {
      parts: [...rowChunks.parts, activations[activation], mergedPart],
      constants: { WIDTH: width, ...rowChunks.constants },
    },
    buffers: [step, gateUp, y],
    workgroups: rowChunks.workgroups(rows, width),
    cost: { bytes: 12 * rows * width, flops: 6 * rows * width },
  };
}

const kernelPart = { name: "swiglu.wgsl", wgsl };
const mergedPart = { name: "swiglu-merged.wgsl", wgsl: mergedWgsl };
