import { type KvForm, kvRowWords } from "../kv-form.js";
import { decode, encode } from "./matrices.js";

/** Rows of a cache in the layout of the GPU, as words; written from the layout's description, not from the kernels. */
export function packRows(rows: Float32Array, headDim: number, form: KvForm): Uint32Array {
  const words = kvRowWords(form, headDim);
  const packed = new Uint32Array((rows.length / headDim) * words);
  for (let row = 0; row < rows.length / headDim; row++) {
    const numbers = rows.subarray(row * headDim, (row + 1) * headDim);
    const to = packed.subarray(row * words, (row + 1) * words);
    const greatest = numbers.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
    const scale = Math.fround(greatest / 127);
    if (form === "int8") to[0] = encode("f32", scale);
    for (const [d, value] of numbers.entries()) {
      if (form === "f32") to[d] = encode("f32", value);
      if (form === "f16") to[d >> 1]! |= encode("f16", value) << (16 * (d % 2));
      if (form === "int8") to[1 + (d >> 2)]! |= (Math.round(scale > 0 ? value / scale : 0) & 0xff) << (8 * (d % 4));
    }
  }
  return packed;
}

/** The numbers that a cache's words stand for. */
export function unpackRows(words: Uint32Array, headDim: number, form: KvForm): Float32Array {
  const rowWords = kvRowWords(form, headDim);
  const rows = new Float32Array((words.length / rowWords) * headDim);
  for (let i = 0; i < rows.length; i++) {
    const d = i % headDim;
    const row = words.subarray(Math.floor(i / headDim) * rowWords);
    if (form === "f32") rows[i] = decode("f32", row[d]!);
    if (form === "f16") rows[i] = decode("f16", (row[d >> 1]! >>> (16 * (d % 2))) & 0xffff);
    if (form === "int8") rows[i] = decode("f32", row[0]!) * ((row[1 + (d >> 2)]! << (24 - 8 * (d % 4))) >> 24);
  }
  return rows;
}

/** Most that one of a row's numbers may be off after packing: half a step. */
export function kvTolerance(rows: Float32Array, index: number, headDim: number, form: KvForm): number {
  const start = index - (index % headDim);
  const greatest = rows.subarray(start, start + headDim).reduce((most, each) => Math.max(most, Math.abs(each)), 0);
  return { f32: 2e-7 * greatest, f16: 2 ** -11 * Math.abs(rows[index]!) + 2 ** -25, int8: (0.501 / 127) * greatest }[
    form
  ];
}
