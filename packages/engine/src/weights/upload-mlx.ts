import { groupWordsPerRow, wordsPerRow } from "@alambic/kernels";
import type { MlxDescription } from "./formats/description.js";
import { readRows, rowsIn, slices, type Upload } from "./slices.js";
import { written } from "./staging.js";

/** Streams MLX's words as they are, and its scales and biases in turn. */
export async function uploadMlx(upload: Upload, { tensors, shape: [, k], form }: MlxDescription): Promise<void> {
  const { gpu, target, signal } = upload;
  const rowBytes = 4 * wordsPerRow(k, form);
  const groupRowBytes = 4 * groupWordsPerRow(k, form);
  for (const block of target.blocks) {
    for (const { first, rows } of slices(block.rows, rowsIn(rowBytes))) {
      const words = await readRows(upload, "weights", tensors.weight, block.firstRow + first, rows);
      gpu.buffers.write(block.values, words, first * rowBytes);
      await written(gpu, words.length, signal);
    }
    for (const { first, rows } of slices(block.rows, rowsIn(groupRowBytes))) {
      const scales = await readRows(upload, "scales", tensors.scales, block.firstRow + first, rows);
      const biases = await readRows(upload, "biases", tensors.biases, block.firstRow + first, rows);
      const groups = interleave(upload, scales, biases, form.groupType === "f32" ? 4 : 2);
      gpu.buffers.write(block.groups!, groups, first * groupRowBytes);
      await written(gpu, groups.length, signal);
    }
  }
}

/** Scale, bias, scale, bias, ...: numbers of `size` bytes from two arrays in turn. */
function interleave({ scratch }: Upload, scales: Uint8Array, biases: Uint8Array, size: 2 | 4): Uint8Array {
  const groups = scratch.take("groups", 2 * scales.length);
  for (let at = 0; at < scales.length; at += size) {
    for (let byte = at; byte < at + size; byte++) {
      groups[at + byte] = scales[byte]!;
      groups[at + size + byte] = biases[byte]!;
    }
  }
  return groups;
}
