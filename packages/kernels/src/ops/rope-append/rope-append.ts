import { type Dispatch, sizeOf, spread, type TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { type KvForm, kvRowWords } from "../../kv-form.js";
import { headNorms, lanesWorkgroup, step as stepPart } from "../../parts/index.js";
import { kvSpan, kvWrite } from "../../parts/kv.js";
import wgsl from "./rope-append.wgsl?raw";

export interface RopeAppendInputs {
  /** `[2]` u32: position and count. Row r stands at position + r. */
  readonly step: TensorRef;
  /** `[T, (heads + 2 kvHeads) headDim]`: queries, keys and values of each token, as the merged projection gives them. */
  readonly qkv: TensorRef;
  /** `[positions, rotaryDim / 2, 2]`: the first rotaryDim dimensions of each head turn, or all of them. */
  readonly table: TensorRef;
  /** `[T, heads, headDim]`: the rotated queries. */
  readonly q: TensorRef;
  /** `[2, kvHeads, capacity, kvRowWords]`: keys, then values. */
  readonly cache: TensorRef;
  /** How the cache keeps them; f32 unless given. */
  readonly kv?: KvForm;
  /** Norms of each head of queries and keys, before they are rotated; none unless given. */
  readonly headNorm?: HeadNorm;
}

export interface HeadNorm {
  /** `[headDim]` */
  readonly q: TensorRef;
  /** `[headDim]` */
  readonly k: TensorRef;
  readonly eps: number;
  /** Added to each weight: 1 for Gemma. */
  readonly unitOffset?: 0 | 1;
}

/**
 * Norms and rotates a pass's queries and keys and appends keys and values to the cache, in one dispatch.
 *
 * @throws {@link ShapeError} when the sizes do not fit each other.
 */
export function ropeAppend({ step, qkv, table, q, cache, kv = "f32", headNorm }: RopeAppendInputs): Dispatch {
  const [rows = 0, heads = 0, headDim = 0] = q.shape;
  const [, kvHeads = 0, capacity = 0] = cache.shape;
  const width = (heads + 2 * kvHeads) * headDim;
  const rowWords = kvRowWords(kv, headDim);
  const rotary = 2 * (table.shape[1] ?? 0);
  if (
    qkv.shape.join() !== [rows, width].join() ||
    cache.shape.join() !== [2, kvHeads, capacity, rowWords].join() ||
    !(rotary >= 2 && rotary <= headDim)
  ) {
    throw new ShapeError(
      `ropeAppend: q is [${q.shape}] and the ${kv} cache [${cache.shape}], so qkv must be [${rows},${width}], the table [positions,${headDim / 2} or fewer,2] and the cache [2,kvHeads,capacity,${rowWords}]; found [${qkv.shape}] and [${table.shape}].`,
    );
  }
  if (headNorm && [headNorm.q, headNorm.k].some(({ shape }) => shape.join() !== String(headDim))) {
    throw new ShapeError(
      `ropeAppend: heads have ${headDim} dimensions, so their norms must be [${headDim}]; found [${headNorm.q.shape}] and [${headNorm.k.shape}].`,
    );
  }
  const { span, lanes } = kvSpan(headDim);
  const chunks = Math.ceil(((heads + 2 * kvHeads) * span) / lanes);
  return {
    label: `ropeAppend ${rows}x${width} ${kv}`,
    kernel: {
      parts: [stepPart, lanesWorkgroup, kvWrite[kv], headNorm ? headNorms.rms : headNorms.none, kernelPart],
      constants: {
        HEADS: heads,
        KV_HEADS: kvHeads,
        HEAD_DIM: headDim,
        ROTARY: rotary,
        CHUNKS: chunks,
        SPAN: span,
        LANES: lanes,
        ...(headNorm && { NORM_EPS: headNorm.eps, UNIT_OFFSET: headNorm.unitOffset ?? 0 }),
      },
    },
    buffers: [step, qkv, table, q, cache, ...(headNorm ? [headNorm.q, headNorm.k] : [])],
    uniforms: [capacity],
    workgroups: spread(rows * chunks),
    cost: { bytes: sizeOf(qkv) + sizeOf(q) + 8 * rows * kvHeads * rowWords, flops: 3 * rows * width },
  };
}

const kernelPart = { name: "rope-append.wgsl", wgsl };
