import type { Part } from "../dispatch.js";
import { ShapeError } from "../gpu/errors.js";
import type { KvForm } from "../kv-form.js";
import readF16Wgsl from "./kv-read.f16.wgsl?raw";
import readF32Wgsl from "./kv-read.f32.wgsl?raw";
import readInt8Wgsl from "./kv-read.int8.wgsl?raw";
import writeF16Wgsl from "./kv-write.f16.wgsl?raw";
import writeF32Wgsl from "./kv-write.f32.wgsl?raw";
import writeInt8Wgsl from "./kv-write.int8.wgsl?raw";

/**
 * `load_key`, `load_value`, `key_scale`, `value_scale` and `capacity` over bindings 2 and 3, and `override KV_HEADS`.
 * Needs BLOCKS, the fours of a row.
 */
export const kvRead: Record<KvForm, Part> = {
  f32: { name: "kv-read.f32.wgsl", wgsl: readF32Wgsl },
  f16: { name: "kv-read.f16.wgsl", wgsl: readF16Wgsl },
  int8: { name: "kv-read.int8.wgsl", wgsl: readInt8Wgsl },
};

/** `row_scale` and `append`, and but for int8 `append_pair`. Needs `cache`, BLOCKS, SPAN and a lanes part. */
export const kvWrite: Record<KvForm, Part> = {
  f32: { name: "kv-write.f32.wgsl", wgsl: writeF32Wgsl },
  f16: { name: "kv-write.f16.wgsl", wgsl: writeF16Wgsl },
  int8: { name: "kv-write.int8.wgsl", wgsl: writeInt8Wgsl },
};

/** Lanes that share a row of the cache while it is written, a power of two, and those of the workgroup. */
export function kvSpan(headDim: number): { readonly span: number; readonly lanes: number } {
  const span = 2 ** Math.ceil(Math.log2(Math.ceil(headDim / 4)));
  if (span > MOST_LANES)
    throw new ShapeError(`Heads have ${headDim} dimensions; the KV cache takes at most ${4 * MOST_LANES}.`);
  return { span, lanes: Math.max(64, span) };
}

const MOST_LANES = 256; // of a workgroup, on every device
