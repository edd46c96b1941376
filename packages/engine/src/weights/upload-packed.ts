import { type MatrixForm, repackGroups, repackValues, type TensorRef, tensor } from "@alambic/kernels";
import { sha256Hex } from "../sources/digest.js";
import { sortColumns } from "./act-order.js";
import { BITS } from "./dtype.js";
import type { PackedDescription } from "./formats/description.js";
import type { ColumnOrder, LoadedMatrix } from "./loaded-matrix.js";
import { readRows, SLICE_BYTES, slices, type Upload } from "./slices.js";
import { written } from "./staging.js";

/**
 * Streams a GPTQ or AWQ matrix to the GPU as it lies in the file, and repacks it there slice by slice: both pack along
 * axes across our rows, so a slice of the file is some columns of every row. Integers, scales and zeros keep every bit.
 */
export async function uploadPacked(upload: Upload, description: PackedDescription): Promise<LoadedMatrix> {
  const { gpu, target, checkpoint, signal, onBytes } = upload;
  const { tensors, form, module } = description;
  const { g_idx } = tensors;
  let places: TensorRef | undefined;
  let order: ColumnOrder | undefined;
  try {
    if (g_idx) {
      const bytes = await checkpoint.readBytes(g_idx, 0, g_idx.end - g_idx.start, { signal });
      onBytes?.(bytes.length);
      const sorted = sortColumns(g_idx.name, new Int32Array(bytes.slice().buffer), form.groupSize);
      if (sorted) {
        places = tensor(`${module} places`, [sorted.places.length], "u32");
        order = { key: await sha256Hex(bytes), indices: tensor(`${module} order`, [sorted.indices.length], "u32") };
        gpu.buffers.allocate(places, order.indices);
        gpu.buffers.write(places, sorted.places);
        gpu.buffers.write(order.indices, sorted.indices);
      }
    }
    await uploadValues(upload, description, places);
    await uploadGroups(upload, description);
    return { ...target, ...(order && { order }) };
  } catch (error) {
    if (order) gpu.buffers.dispose(order.indices);
    throw error;
  } finally {
    if (places) gpu.buffers.dispose(places);
  }
}

async function uploadValues(
  upload: Upload,
  { kind: layout, tensors: { qweight }, form }: PackedDescription,
  places: TensorRef | undefined,
): Promise<void> {
  const { gpu, signal } = upload;
  const target = { ...upload.target, form };
  const [rows, width] = qweight.shape as [number, number];
  const unit = layout === "awq" ? 8 : 1; // rows of the file that make a word of ours
  const step = Math.min(rows, unit * Math.max(1, Math.floor(SLICE_BYTES / (4 * width * unit))));
  const staged = tensor(`${upload.target.name} slice`, [step, width], "u32");
  try {
    gpu.buffers.allocate(staged);
    for (const slice of slices(rows, step)) {
      const words = await readRows(upload, "weights", qweight, slice.first, slice.rows);
      gpu.buffers.write(staged, words);
      const source = { ...staged, shape: [slice.rows, width] };
      const firstWord = slice.first / unit;
      await gpu.executor.execute(
        target.blocks.map((block) => repackValues({ layout, source, firstWord, target, block, places })),
      );
      await written(gpu, words.length, signal);
    }
  } finally {
    gpu.buffers.dispose(staged);
  }
}

async function uploadGroups(
  upload: Upload,
  { kind: layout, tensors: { scales, qzeros }, form, zerosLessOne }: PackedDescription,
): Promise<void> {
  const { gpu, signal } = upload;
  const target = { ...upload.target, form: form as MatrixForm & { kind: "int4" | "int8" } };
  const [groups, n] = scales.shape as [number, number];
  const zeroWidth = qzeros.shape[1]!;
  const scaleWords = (n * BITS[scales.dtype]) / 32;
  const step = Math.min(groups, Math.max(1, Math.floor(SLICE_BYTES / (4 * scaleWords))));
  const stagedScales = tensor(`${upload.target.name} scales`, [step, scaleWords], "u32");
  const stagedZeros = tensor(`${upload.target.name} zeros`, [step, zeroWidth], "u32");
  try {
    gpu.buffers.allocate(stagedScales, stagedZeros);
    for (const { first, rows } of slices(groups, step)) {
      const scaleBytes = await readRows(upload, "scales", scales, first, rows);
      const zeroBytes = await readRows(upload, "zeros", qzeros, first, rows);
      gpu.buffers.write(stagedScales, scaleBytes);
      gpu.buffers.write(stagedZeros, zeroBytes);
      const inputs = {
        layout,
        scales: { ...stagedScales, shape: [rows, scaleWords] },
        zeros: { ...stagedZeros, shape: [rows, zeroWidth] },
        added: zerosLessOne ? 1 : 0,
        firstGroup: first,
        target,
      } as const;
      await gpu.executor.execute(target.blocks.map((block) => repackGroups({ ...inputs, block })));
      await written(gpu, scaleBytes.length + zeroBytes.length, signal);
    }
  } finally {
    gpu.buffers.dispose(stagedScales, stagedZeros);
  }
}
