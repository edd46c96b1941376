import { type MatrixForm, matrix, quantise, wordsPerRow } from "@alambic/kernels";
import type { PlainDescription } from "./formats/description.js";
import { padRows, readRows, rowsIn, slices, type Upload } from "./slices.js";
import { written } from "./staging.js";

/** Streams plain numbers to the GPU a slice of rows at a time, each packed there into the target's form. */
export async function uploadQuantising(
  upload: Upload,
  { tensors, shape: [n, k], form, module }: PlainDescription,
): Promise<void> {
  const { gpu, target, signal } = upload;
  const targetForm = target.form as MatrixForm & { readonly kind: "int4" | "int8" };
  const rowBytes = 4 * wordsPerRow(k, form);
  const slice = matrix(`${module} slice`, [Math.min(n, rowsIn(rowBytes)), k], form, gpu.largestBinding).blocks[0]!;
  try {
    gpu.buffers.allocate(slice.values);
    for (const block of target.blocks) {
      for (const { first, rows } of slices(block.rows, slice.rows)) {
        const packed = await readRows(upload, "weights", tensors.weight, block.firstRow + first, rows);
        gpu.buffers.write(slice.values, padRows(upload, packed, rows, rowBytes));
        await gpu.executor.execute([
          quantise({ source: slice, sourceForm: form, k, target: block, targetForm, targetRow: first, rows }),
        ]);
        await written(gpu, rows * rowBytes, signal);
      }
    }
  } finally {
    gpu.buffers.dispose(slice.values);
  }
}
