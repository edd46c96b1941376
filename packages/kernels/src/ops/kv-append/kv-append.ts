import { type Dispatch, sizeOf, spread, type TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { type KvForm, kvRowWords } from "../../kv-form.js";
import { lanesWorkgroup, step as stepPart } from "../../parts/index.js";
import { kvSpan, kvWrite } from "../../parts/kv.js";
import wgsl from "./kv-append.wgsl?raw";

export interface KvAppendInputs {
  /** `[2]` u32: position and count. Row r goes to position + r. */
  readonly step: TensorRef;
  /** `[T, kvHeads, headDim]`. */
  readonly k: TensorRef;
  /** `[T, kvHeads, headDim]`. */
  readonly v: TensorRef;
  /** `[2, kvHeads, capacity, kvRowWords]`: keys, then values. */
  readonly cache: TensorRef;
  /** How the cache keeps them; f32 unless given. */
  readonly kv?: KvForm;
}

/**
 * Writes the keys and values of a pass into the cache. Rows at or past count, and positions at or past the capacity,
 * are not written.
 *
 * @throws {@link ShapeError} when k and v differ, or disagree with the cache on kvHeads or headDim.
 */
export function kvAppend({ step, k, v, cache, kv = "f32" }: KvAppendInputs): Dispatch {
  const [rows = 0, kvHeads = 0, headDim = 0] = k.shape;
  const capacity = cache.shape[2] ?? 0;
  const rowWords = kvRowWords(kv, headDim);
  if (v.shape.join() !== k.shape.join() || cache.shape.join() !== [2, kvHeads, capacity, rowWords].join()) {
    throw new ShapeError(
      `kvAppend: k is [${k.shape}], so v must be the same and the ${kv} cache [2,${kvHeads},capacity,${rowWords}]; found v [${v.shape}] and cache [${cache.shape}].`,
    );
  }
  const { span, lanes } = kvSpan(headDim);
  const chunks = Math.ceil((2 * kvHeads * span) / lanes);
  return {
    label: `kvAppend ${rows}x${kvHeads}x${headDim} ${kv}`,
    kernel: {
      parts: [stepPart, lanesWorkgroup, kvWrite[kv], kernelPart],
      constants: { KV_HEADS: kvHeads, HEAD_DIM: headDim, CHUNKS: chunks, SPAN: span, LANES: lanes },
    },
    buffers: [step, k, v, cache],
    uniforms: [capacity],
    workgroups: spread(rows * chunks),
    cost: { bytes: sizeOf(k) + sizeOf(v) + 8 * rows * kvHeads * rowWords, flops: 0 },
  };
}

const kernelPart = { name: "kv-append.wgsl", wgsl };
