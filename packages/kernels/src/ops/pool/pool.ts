import { type Dispatch, spread, type TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { lanesWorkgroup } from "../../parts/index.js";
import wgsl from "./pool.wgsl?raw";

export interface PoolInputs {
  /** `[T, width]`. */
  readonly x: TensorRef;
  /** `[N, 2]` u32: the first row of each text and the one past its last; equal where there is no text. */
  readonly texts: TensorRef;
  /** `[N, width]`; left alone where there is no text. */
  readonly y: TensorRef;
  /** The mean of all rows of a text, or its first row, where encoders put `[CLS]`. */
  readonly pooling: "mean" | "cls";
  /** Whether vectors are brought to length 1. */
  readonly normalize: boolean;
}

/**
 * One vector for each text. `cost` is that of texts that together have T rows.
 *
 * @throws {@link ShapeError} when x, texts and y do not fit each other.
 * @see Reimers and Gurevych, arXiv:1908.10084, section 3
 */
export function pool({ x, texts, y, pooling, normalize }: PoolInputs): Dispatch {
  const [rows = 0, width = 0] = x.shape;
  const [count = 0, two] = texts.shape;
  if (two !== 2 || y.shape.join() !== [count, width].join()) {
    throw new ShapeError(
      `pool: x is [${x.shape}], so texts must be [N,2] and y [N,${width}]; found [${texts.shape}] and [${y.shape}].`,
    );
  }
  return {
    label: `pool ${count}x${width} ${pooling}`,
    kernel: {
      parts: [lanesWorkgroup, kernelPart],
      constants: { WIDTH: width, MEAN: pooling === "mean" ? 1 : 0, NORMALIZE: normalize ? 1 : 0, LANES: 64 },
    },
    buffers: [x, texts, y],
    workgroups: spread(count),
    cost: { bytes: 4 * width * (rows + count) + 8 * count, flops: rows * width + 3 * count * width },
  };
}

const kernelPart = { name: "pool.wgsl", wgsl };
