import { type Dispatch, elementCount, sizeOf, spread, type TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { type Matrix, paddedColumns } from "../../matrix.js";
import { lanesWorkgroup, spansWorkgroup } from "../../parts/index.js";
import { weightAccess } from "../../parts/weights.js";
import wgsl from "./matvec.wgsl?raw";

export interface MatvecInputs {
  /** `[K]` or `[1, K]`. */
  readonly x: TensorRef;
  /** `[N, K]`, in any form. */
  readonly matrix: Matrix;
  /** `[N]` or `[1, N]`. */
  readonly y: TensorRef;
  /** Added to the product, shaped as y; a buffer other than y's. */
  readonly residual?: TensorRef;
  /** `[N]`, added to the product. */
  readonly bias?: TensorRef;
}

/**
 * `y = W x (+ residual) (+ bias)` for one token, in f32: the projections of a decode step. One dispatch a row block.
 *
 * @throws {@link ShapeError} when x, y, residual or bias do not fit the matrix.
 */
export function matvec({ x, matrix, y, residual, bias }: MatvecInputs): Dispatch[] {
  const [n, k] = matrix.shape;
  expectCount("x", x, k, matrix);
  for (const [name, tensor] of Object.entries({ y, residual, bias })) if (tensor) expectCount(name, tensor, n, matrix);

  const k8 = paddedColumns(k) / 8;
  const span = spanFor(k8);
  return matrix.blocks.map((block) => {
    const access = weightAccess(matrix, block);
    const optional = [residual, bias].filter((tensor) => tensor !== undefined);
    return {
      label: `matvec ${block.rows}x${k} ${matrix.form.kind}`,
      kernel: {
        parts: [lanesWorkgroup, spansWorkgroup, ...access.parts, kernelPart],
        constants: {
          ...access.constants,
          ROWS: block.rows,
          FIRST_ROW: block.firstRow,
          K: k,
          TILE8: Math.min(k8, MAX_TILE8),
          RESIDUAL: residual ? 1 : 0,
          BIAS: bias ? 1 : 0,
          LANES,
          SPAN: span,
        },
      },
      // What is absent is bound to x and not read.
      buffers: [...access.buffers, x, y, residual ?? x, bias ?? x],
      workgroups: spread(Math.ceil(block.rows / (4 * (LANES / span)))),
      cost: {
        bytes:
          sizeOf(block.values) +
          (block.groups ? sizeOf(block.groups) : 0) +
          4 * k +
          4 * block.rows * (1 + optional.length),
        flops: 2 * block.rows * k,
      },
    };
  });
}

const LANES = 128;

/** Eights of x in workgroup memory at a time: 8 KiB. */
const MAX_TILE8 = 256;

/** Lanes that split K: enough to read whole memory sectors, few enough that each still adds up several eights. */
function spanFor(k8: number): number {
  if (k8 >= 128) return 32;
  return k8 >= 64 ? 16 : 8;
}

function expectCount(name: string, tensor: TensorRef, count: number, { name: matrixName, shape }: Matrix): void {
  if (elementCount(tensor.shape) !== count) {
    throw new ShapeError(
      `matvec: ${matrixName} is [${shape}], so ${name} must hold ${count} values; found [${tensor.shape}]. For several tokens use matmul.`,
    );
  }
}

const kernelPart = { name: "matvec.wgsl", wgsl };
