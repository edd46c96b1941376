import { type Dispatch, spread, type TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { lanesWorkgroup, step as stepPart } from "../../parts/index.js";
import wgsl from "./rope-append.wgsl?raw";

export interface RopeAppendInputs {
  /** `[2]` u32: position and count. Row r stands at position + r. */
  readonly step: TensorRef;
  /** `[T, (heads + 2 kvHeads) headDim]`: queries, keys and values of each token, as the merged projection gives them. */
  readonly qkv: TensorRef;
  /** `[positions, headDim / 2, 2]`. */
  readonly table: TensorRef;
  /** `[T, heads, headDim]`: the rotated queries. */
  readonly q: TensorRef;
  /** `[2, kvHeads, capacity, headDim]`: keys, then values. */
  readonly cache: TensorRef;
}

/**
 * Rotates a chunk's queries and keys and appends keys and values to the cache, in one dispatch.
 *
 * @throws {@link ShapeError} when the sizes do not fit each other.
 */
export function ropeAppend({ step, qkv, table, q, cache }: RopeAppendInputs): Dispatch {
  const [rows = 0, heads = 0, headDim = 0] = q.shape;
  const [, kvHeads = 0, capacity = 0] = cache.shape;
  const width = (heads + 2 * kvHeads) * headDim;
  if (qkv.shape.join() !== [rows, width].join() || cache.shape[3] !== headDim || table.shape[1] !== headDim / 2) {
    throw new ShapeError(
      `ropeAppend: q is [${q.shape}] and the cache [${cache.shape}], so qkv must be [${rows},${width}] and the table [positions,${headDim / 2},2]; found [${qkv.shape}] and [${table.shape}].`,
    );
  }
  const chunks = Math.ceil(width / 2 / LANES);
  return {
    label: `ropeAppend ${rows}x${width}`,
    kernel: {
      parts: [stepPart, lanesWorkgroup, kernelPart],
      constants: { HEADS: heads, KV_HEADS: kvHeads, HALF: headDim / 2, CHUNKS: chunks, LANES },
    },
    buffers: [step, qkv, table, q, cache],
    uniforms: [capacity],
    workgroups: spread(rows * chunks),
    cost: { bytes: 8 * rows * width, flops: 3 * rows * width },
  };
}

const LANES = 64;
const kernelPart = { name: "rope-append.wgsl", wgsl };
