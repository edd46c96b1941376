import { type Dispatch, elementCount, sizeOf, spread, type TensorRef } from "../../dispatch.js";
import type { AdapterReport } from "../../gpu/device.js";
import { ShapeError } from "../../gpu/errors.js";
import type { Matrix } from "../../matrix.js";
import { weightAccess } from "../../parts/weights.js";
import { type InputNorm, matvecDefault, matvecLayout } from "./layout.js";
import operandsWgsl from "./matvec-operands.wgsl?raw";

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
  /** RMS norm of x before the product, where `matvecNorms` says so. */
  readonly norm?: InputNorm;
  /** What the kernel is laid out for, `gpu` unless said: same result, another speed. */
  readonly adapter?: AdapterReport["kind"];
  /** Least lanes of the device's subgroups, 0 unless said. Software adapters with eight or more have a layout of their own. */
  readonly subgroupSize?: number | undefined;
  /** One of `matvecVariants`; default: the adapter's. */
  readonly variant?: string | undefined;
}

/**
 * `y = W x (+ residual) (+ bias)` for one token, in f32: the projections of a decode step. One dispatch a row block.
 *
 * @throws {@link ShapeError} when x, y, residual or bias do not fit the matrix.
 */
export function matvec({
  x,
  matrix,
  y,
  residual,
  bias,
  norm,
  adapter = "gpu",
  subgroupSize,
  variant,
}: MatvecInputs): Dispatch[] {
  const [n, k] = matrix.shape;
  expectCount("x", x, k, matrix);
  for (const [name, tensor] of Object.entries({ y, residual, bias })) if (tensor) expectCount(name, tensor, n, matrix);

  if (norm) expectCount("norm", norm.weight, k, matrix);
  const { parts, constants, rowsPerWorkgroup } = matvecLayout(
    variant ?? matvecDefault(adapter, matrix, subgroupSize),
    matrix,
    norm,
    subgroupSize,
  );
  return matrix.blocks.map((block) => {
    const access = weightAccess(matrix, block);
    const moved = [block.values, block.groups, x].reduce((sum, tensor) => sum + (tensor ? sizeOf(tensor) : 0), 0);
    const outputs = 1 + (residual ? 1 : 0) + (bias ? 1 : 0);
    return {
      label: `matvec ${block.rows}x${k} ${matrix.form.kind}`,
      kernel: {
        parts: [...access.parts, operandsPart, ...parts],
        constants: {
          ...access.constants,
          ...constants,
          ROWS: block.rows,
          FIRST_ROW: block.firstRow,
          RESIDUAL: residual ? 1 : 0,
          BIAS: bias ? 1 : 0,
        },
      },
      // What is absent is bound to x and not read.
      buffers: [...access.buffers, x, y, residual ?? x, bias ?? x, norm?.weight ?? x],
      workgroups: spread(Math.ceil(block.rows / rowsPerWorkgroup)),
      cost: { bytes: moved + 4 * block.rows * outputs, flops: 2 * block.rows * k },
    };
  });
}

function expectCount(name: string, tensor: TensorRef, count: number, { name: matrixName, shape }: Matrix): void {
  if (elementCount(tensor.shape) !== count) {
    throw new ShapeError(
      `matvec: ${matrixName} is [${shape}], so ${name} must hold ${count} values; found [${tensor.shape}]. For several tokens use matmul.`,
    );
  }
}

const operandsPart = { name: "matvec-operands.wgsl", wgsl: operandsWgsl };
