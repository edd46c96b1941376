import type { Dispatch, TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { rowChunks } from "../../parts/row-chunks.js";
import wgsl from "./sigmoid-gate.wgsl?raw";

export interface SigmoidGateInputs {
  /** `[2]` u32: position and count; rows at or past count are left alone. */
  readonly step: TensorRef;
  /** `[T, 1]`. */
  readonly gate: TensorRef;
  /** `[T, width]`. */
  readonly x: TensorRef;
  /** `[T, width]`, added to the product; a buffer other than y's. */
  readonly residual?: TensorRef;
  /** `[T, width]`, in a buffer of its own. */
  readonly y: TensorRef;
}

/**
 * `y = (residual +) sigmoid(gate) · x`: how much of a shared expert a token takes.
 *
 * @throws {@link ShapeError} when gate, x, residual and y do not fit.
 */
export function sigmoidGate({ step, gate, x, residual, y }: SigmoidGateInputs): Dispatch {
  const [rows = 0, width = 0] = x.shape;
  const fits = (tensor: TensorRef, columns: number) => tensor.shape.join() === [rows, columns].join();
  if (!fits(gate, 1) || !fits(y, width) || (residual && !fits(residual, width))) {
    throw new ShapeError(
      `sigmoidGate: x is [${x.shape}], so gate must be [${rows},1], y and residual [${x.shape}]; found [${gate.shape}], [${y.shape}] and [${residual?.shape ?? "none"}].`,
    );
  }
  return {
    label: `sigmoidGate ${rows}x${width}`,
    kernel: {
      parts: [...rowChunks.parts, kernelPart],
      constants: { WIDTH: width, RESIDUAL: residual ? 1 : 0, ...rowChunks.constants },
    },
    buffers: [step, gate, x, residual ?? x, y],
    workgroups: rowChunks.workgroups(rows, width),
    cost: { bytes: 4 * rows * (1 + width * (residual ? 3 : 2)), flops: 2 * rows * width },
  };
}

const kernelPart = { name: "sigmoid-gate.wgsl", wgsl };
