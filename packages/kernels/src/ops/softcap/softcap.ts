import type { Dispatch, TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { rowChunks } from "../../parts/row-chunks.js";
import wgsl from "./softcap.wgsl?raw";

export interface SoftcapInputs {
  /** `[2]` u32: position and count; rows at or past count are left alone. */
  readonly step: TensorRef;
  /** `[T, width]`. */
  readonly x: TensorRef;
  /** `[T, width]`, in a buffer of its own. */
  readonly y: TensorRef;
  /** The bound, above 0: 30 for the logits of Gemma 2. */
  readonly cap: number;
}

/**
 * `y = cap · tanh(x / cap)`: nearly x where x is small, never past the cap.
 *
 * @throws {@link ShapeError} when x and y differ in shape, or the cap is not above 0.
 * @see Gemma Team, arXiv:2408.00118, section 2
 */
export function softcap({ step, x, y, cap }: SoftcapInputs): Dispatch {
  const [rows = 0, width = 0] = x.shape;
  if (y.shape.join() !== [rows, width].join()) {
    throw new ShapeError(`softcap: x is [${x.shape}], so y must be too; found [${y.shape}].`);
  }
  if (!(cap > 0)) throw new ShapeError(`softcap: cap is ${cap}; it must be above 0.`);
  return {
    label: `softcap ${rows}x${width}`,
    kernel: { parts: [...rowChunks.parts, kernelPart], constants: rowChunks.constants },
    buffers: [step, x, y],
    uniforms: [width, bitsOf(cap)],
    workgroups: rowChunks.workgroups(rows, width),
    cost: { bytes: 8 * rows * width, flops: 3 * rows * width },
  };
}

/** The word that holds a number as f32. */
function bitsOf(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0]!;
}

const kernelPart = { name: "softcap.wgsl", wgsl };
