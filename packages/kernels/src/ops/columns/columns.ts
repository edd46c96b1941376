import type { Dispatch, TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { rowChunks } from "../../parts/row-chunks.js";
import wgsl from "./columns.wgsl?raw";

export interface ColumnsInputs {
  /** `[2]` u32: position and count; rows at or past count are left alone. */
  readonly step: TensorRef;
  /** `[T, xWidth]`. */
  readonly x: TensorRef;
  /** First column to copy. */
  readonly from: number;
  /** `[T, width]`. */
  readonly y: TensorRef;
}

/**
 * Copies columns `from` to `from + width` of each row: one result of a projection that computes several.
 *
 * @throws {@link ShapeError} when x has not these columns, or other rows than y.
 */
export function columns({ step, x, from, y }: ColumnsInputs): Dispatch {
  const [rows = 0, xWidth = 0] = x.shape;
  const [yRows = 0, width = 0] = y.shape;
  if (yRows !== rows || from < 0 || from + width > xWidth) {
    throw new ShapeError(
      `columns: y [${y.shape}] from column ${from} on does not lie in x [${x.shape}]; it must have ${rows} rows and end by column ${xWidth}.`,
    );
  }
  return {
    label: `columns ${rows}x${width}`,
    kernel: { parts: [...rowChunks.parts, kernelPart], constants: rowChunks.constants },
    buffers: [step, x, y],
    uniforms: [xWidth, from, width],
    workgroups: rowChunks.workgroups(rows, width),
    cost: { bytes: 8 * rows * width, flops: 0 },
  };
}

const kernelPart = { name: "columns.wgsl", wgsl };
