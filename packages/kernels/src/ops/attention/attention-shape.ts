import type { Part, TensorRef } from "../../dispatch.js";
import type { AdapterReport } from "../../gpu/device.js";
import { ShapeError } from "../../gpu/errors.js";
import { type KvForm, kvRowWords } from "../../kv-form.js";
import { kvRead } from "../../parts/kv.js";
import queryScalarWgsl from "./query.scalar.wgsl?raw";
import queryVec4Wgsl from "./query.vec4.wgsl?raw";
import scoreWgsl from "./score.wgsl?raw";
import storeWgsl from "./store.wgsl?raw";

/** What decode and prefill share. */
export interface AttentionInputs {
  /** `[2]` u32: position and count. */
  readonly step: TensorRef;
  /** `[T, heads, headDim]`; heads is a multiple of kvHeads, and query head h reads KV head `floor(h / (heads / kvHeads))`. */
  readonly q: TensorRef;
  /** `[kvHeads, capacity, kvRowWords]`; the keys of this pass are in it already. */
  readonly keys: TensorRef;
  /** `[kvHeads, capacity, kvRowWords]`; the values of this pass are in it already. */
  readonly values: TensorRef;
  /** How the cache keeps both; f32 unless given. */
  readonly kv?: KvForm;
  /** `[T, heads, headDim]`. */
  readonly y: TensorRef;
  /** What scores are multiplied by: 1 / sqrt(headDim) for most families. */
  readonly scale: number;
  /** Keys a query sees, itself included: the query at p sees p - window + 1 to p. All before it unless given. */
  readonly window?: number | undefined;
  /** `softcap · tanh(score / softcap)` before the mask. None unless given. */
  readonly softcap?: number | undefined;
  /** What it will run on; "gpu" unless given. On a software adapter no workgroup waits at barriers. */
  readonly adapter?: AdapterReport["kind"];
  /** Least lanes of the device's subgroups, 0 unless said: four or eight of a software adapter's load for each other. */
  readonly subgroupSize?: number;
  /** One of the op's variants; default: the adapter's. */
  readonly variant?: string | undefined;
}

export interface AttentionShape {
  readonly rows: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly capacity: number;
  readonly headDim: number;
  /** Query heads that share a KV head. */
  readonly group: number;
  /** Bytes of the keys, and of the values, of a full cache. */
  readonly cacheBytes: number;
}

export const MAX_HEAD_DIM = 256; // more would not fit the 16 KiB of workgroup memory that every device has

export function attentionShape(
  op: string,
  { q, keys, values, kv = "f32", y, scale, window, softcap }: AttentionInputs,
): AttentionShape {
  const [rows = 0, heads = 0, headDim = 0] = q.shape;
  const [kvHeads = 0, capacity = 0] = keys.shape;
  if (q.shape.length !== 3 || y.shape.join() !== q.shape.join()) {
    throw new ShapeError(
      `${op}: q must be [T, heads, headDim] and y of the same shape; found [${q.shape}] and [${y.shape}].`,
    );
  }
  const rowWords = kvRowWords(kv, headDim);
  if (keys.shape.join() !== [kvHeads, capacity, rowWords].join() || values.shape.join() !== keys.shape.join()) {
    throw new ShapeError(
      `${op}: q is [${q.shape}], so ${kv} keys and values must be [kvHeads, capacity, ${rowWords}]; found [${keys.shape}] and [${values.shape}].`,
    );
  }
  if (kvHeads < 1 || heads % kvHeads !== 0) {
    throw new ShapeError(`${op}: ${heads} query heads cannot share ${kvHeads} KV heads evenly.`);
  }
  if (headDim < 1 || headDim > MAX_HEAD_DIM) {
    throw new ShapeError(`${op}: heads have ${headDim} dimensions; this kernel holds 1 to ${MAX_HEAD_DIM}.`);
  }
  if (window !== undefined && !(Number.isInteger(window) && window >= 1)) {
    throw new ShapeError(`${op}: window is ${window}; it must be a whole number of at least 1, or left out for none.`);
  }
  if (softcap !== undefined && !(softcap > 0)) {
    throw new ShapeError(`${op}: softcap is ${softcap}; it must be above 0, or left out for none.`);
  }
  if (!Number.isFinite(scale)) throw new ShapeError(`${op}: scale is ${scale}; it must be a finite number.`);
  const cacheBytes = 4 * kvHeads * capacity * rowWords;
  return { rows, heads, kvHeads, capacity, headDim, group: heads / kvHeads, cacheBytes };
}

/** `load_query` and what reads keys and values, a four of dimensions at a time. */
export function rowParts(headDim: number, kv: KvForm = "f32"): Part[] {
  return [headDim % 4 === 0 ? queryVec4 : queryScalar, kvRead[kv]];
}

const queryVec4: Part = { name: "query.vec4.wgsl", wgsl: queryVec4Wgsl };
const queryScalar: Part = { name: "query.scalar.wgsl", wgsl: queryScalarWgsl };

/** `score`, `first_seen`, `MASKED`. */
export const scorePart: Part = { name: "score.wgsl", wgsl: scoreWgsl };

/** `store`. */
export const storePart: Part = { name: "store.wgsl", wgsl: storeWgsl };

export function scoreConstants({ scale, window = 0, softcap = 0 }: AttentionInputs): Record<string, number> {
  return { SCALE: scale, WINDOW: window, SOFTCAP: softcap };
}
