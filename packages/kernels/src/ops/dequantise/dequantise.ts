import { type Dispatch, elementCount, spread, type TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { groupWordsPerRow, type MatrixBlock, type MatrixForm, paddedColumns, wordsPerRow } from "../../matrix.js";
import { lanesWorkgroup } from "../../parts/index.js";
import { weightAccess } from "../../parts/weights.js";
import wgsl from "./dequantise.wgsl?raw";

export interface DequantiseInputs {
  /** Read from the block's first row on. */
  readonly block: MatrixBlock;
  readonly form: MatrixForm;
  /** Columns of a row, padding not counted. */
  readonly k: number;
  readonly rows: number;
  /** `[rows, K]` f32. */
  readonly y: TensorRef;
}

/**
 * Writes rows of a matrix in any form as plain f32, for checks and to be looked at.
 *
 * @throws {@link ShapeError} when the block has fewer rows or y another shape.
 */
export function dequantise({ block, form, k, rows, y }: DequantiseInputs): Dispatch {
  if (rows < 1 || rows > block.rows || elementCount(y.shape) !== rows * k) {
    throw new ShapeError(
      `dequantise: ${rows} rows of ${k} need a block of as many rows and y of [${rows}, ${k}]; found ${block.rows} rows and [${y.shape}].`,
    );
  }
  const access = weightAccess({ name: y.buffer.label, shape: [rows, k], form, blocks: [block] }, block);
  return {
    label: `dequantise ${rows}x${k} ${form.kind}`,
    kernel: { parts: [lanesWorkgroup, ...access.parts, kernelPart], constants: { ...access.constants, K: k, LANES } },
    buffers: [...access.buffers, y],
    workgroups: spread(Math.ceil((rows * paddedColumns(k)) / 8 / LANES)),
    cost: { bytes: 4 * rows * (wordsPerRow(k, form) + groupWordsPerRow(k, form) + k), flops: 2 * rows * k },
  };
}

const LANES = 64;

const kernelPart = { name: "dequantise.wgsl", wgsl };
