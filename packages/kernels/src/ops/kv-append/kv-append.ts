import { type Dispatch, spread, type TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { lanesWorkgroup, step as stepPart } from "../../parts/index.js";
import wgsl from "./kv-append.wgsl?raw";

export interface KvAppendInputs {
  /** `[2]` u32: position and count. Row r goes to position + r. */
  readonly step: TensorRef;
  /** `[T, kvHeads, headDim]`. */
  readonly k: TensorRef;
  /** `[T, kvHeads, headDim]`. */
  readonly v: TensorRef;
  /** `[2, kvHeads, capacity, headDim]`: keys, then values. */
  readonly cache: TensorRef;
}

/**
 * Writes the keys and values of a pass into the cache. Rows at or past count, and positions at or past the capacity,
 * are not written.
 *
 * @throws {@link ShapeError} when k and v differ, or disagree with the cache on kvHeads or headDim.
 */
export function kvAppend({ step, k, v, cache }: KvAppendInputs): Dispatch {
  const [rows = 0, kvHeads = 0, headDim = 0] = k.shape;
  const capacity = cache.shape[2] ?? 0;
  if (v.shape.join() !== k.shape.join() || cache.shape.join() !== [2, kvHeads, capacity, headDim].join()) {
    throw new ShapeError(
      `kvAppend: k is [${k.shape}], so v must be the same and the cache [2,${kvHeads},capacity,${headDim}]; found v [${v.shape}] and cache [${cache.shape}].`,
    );
  }
  const chunks = Math.ceil((kvHeads * headDim) / LANES);
  return {
    label: `kvAppend ${rows}x${kvHeads}x${headDim}`,
    kernel: {
      parts: [stepPart, lanesWorkgroup, kernelPart],
      constants: { KV_HEADS: kvHeads, HEAD_DIM: headDim, CHUNKS: chunks, LANES },
    },
    buffers: [step, k, v, cache],
    uniforms: [capacity],
    workgroups: spread(rows * chunks),
    cost: { bytes: 16 * rows * kvHeads * headDim, flops: 0 },
  };
}

const LANES = 64;
const kernelPart = { name: "kv-append.wgsl", wgsl };
