import { type Dispatch, spread, type TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { lanesWorkgroup, step as stepPart } from "../../parts/index.js";
import wgsl from "./rope.wgsl?raw";

export interface RopeInputs {
  /** `[2]` u32: position and count; rows at or past count are left alone. */
  readonly step: TensorRef;
  /** `[T, heads, headDim]`. */
  readonly x: TensorRef;
  /** `[positions, rotaryDim / 2, 2]`: cos and sin, from `ropeTable`. It must reach position + count. */
  readonly table: TensorRef;
  /** `[T, heads, headDim]`. */
  readonly y: TensorRef;
}

/**
 * Rotary position embedding. Dimension i < rotaryDim / 2 of each head is paired with i + rotaryDim / 2, the halves that
 * Hugging Face's `rotate_half` exchanges; dimensions past rotaryDim, which the table's width gives, are copied.
 *
 * @throws {@link ShapeError} when y differs from x, or the table turns more dimensions than a head has.
 * @see Su et al., arXiv:2104.09864
 */
export function rope({ step, x, table, y }: RopeInputs): Dispatch {
  const [rows = 0, heads = 0, headDim = 0] = x.shape;
  const rotaryDim = 2 * (table.shape[1] ?? 0);
  if (x.shape.length !== 3 || y.shape.join() !== x.shape.join()) {
    throw new ShapeError(
      `rope: x must be [T, heads, headDim] and y of the same shape; found [${x.shape}] and [${y.shape}].`,
    );
  }
  if (table.shape[2] !== 2 || rotaryDim < 2 || rotaryDim > headDim) {
    throw new ShapeError(
      `rope: heads have ${headDim} dimensions, so the table must be [positions, at most ${headDim >> 1}, 2]; found [${table.shape}]. Make it with ropeTable.`,
    );
  }
  const chunks = Math.ceil((heads * (headDim - rotaryDim / 2)) / LANES);
  return {
    label: `rope ${rows}x${heads}x${headDim}`,
    kernel: {
      parts: [stepPart, lanesWorkgroup, kernelPart],
      constants: { HEADS: heads, HEAD_DIM: headDim, ROTARY_DIM: rotaryDim, CHUNKS: chunks, LANES },
    },
    buffers: [step, x, table, y],
    workgroups: spread(rows * chunks),
    cost: { bytes: 4 * rows * (2 * heads * headDim + rotaryDim), flops: 3 * rows * heads * rotaryDim },
  };
}

const LANES = 64;
const kernelPart = { name: "rope.wgsl", wgsl };
