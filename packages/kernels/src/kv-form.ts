import { type TensorRef, tensor } from "./dispatch.js";

/**
 * How a cache keeps keys and values. f16: two to a u32, the first in the low half. int8: four to a u32, the first in the
 * lowest bits, with one f32 scale for each token and head; the largest of its numbers becomes ±127. Neither needs a device
 * feature.
 */
export type KvForm = "f32" | "f16" | "int8";

/** All of them, the most exact first. */
export const KV_FORMS: readonly KvForm[] = ["f32", "f16", "int8"];

/**
 * Words that one token's keys, or values, of one head take. Rows are padded to fours of dimensions with zeros, so that
 * every form is read a four at a time; an int8 row begins with its scale.
 */
export function kvRowWords(form: KvForm, headDim: number): number {
  const fours = Math.ceil(headDim / 4);
  return { f32: 4 * fours, f16: 2 * fours, int8: fours + 1 }[form];
}

/** A layer's cache, `[2, kvHeads, capacity, kvRowWords]`: keys, then values. Nothing is allocated. */
export function kvCache(
  label: string,
  form: KvForm,
  { kvHeads, capacity, headDim }: { readonly kvHeads: number; readonly capacity: number; readonly headDim: number },
): TensorRef {
  return tensor(label, [2, kvHeads, capacity, kvRowWords(form, headDim)], form === "f32" ? "f32" : "u32");
}
