import { type Dispatch, sizeOf, type TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import type { Matrix } from "../../matrix.js";
import { step as stepPart } from "../../parts/index.js";
import { weightAccess } from "../../parts/weights.js";
import wgsl from "./matmul.wgsl?raw";
import tileWgsl from "./tile-32x64x32.wgsl?raw";

export interface MatmulInputs {
  /** `[2]` u32: position and count; tokens at or past count are left alone. */
  readonly step: TensorRef;
  /** `[T, K]`. */
  readonly x: TensorRef;
  /** `[N, K]`, in any form. */
  readonly matrix: Matrix;
  /** `[T, N]`. */
  readonly y: TensorRef;
  /** `[T, N]`, added to the product; a buffer other than y's. */
  readonly residual?: TensorRef;
  /** `[N]`, added to each token's product. */
  readonly bias?: TensorRef;
}

/**
 * `Y = X Wᵀ (+ residual) (+ bias)` for many tokens, in f32: the projections of a prefill chunk. One dispatch a row block.
 *
 * @throws {@link ShapeError} when x, y, residual or bias do not fit the matrix.
 */
export function matmul({ step, x, matrix, y, residual, bias }: MatmulInputs): Dispatch[] {
  const [n, k] = matrix.shape;
  const t = x.shape[0] ?? 0;
  expectShape("x", x, [t, k], matrix);
  expectShape("y", y, [t, n], matrix);
  if (residual) expectShape("residual", residual, [t, n], matrix);
  if (bias) expectShape("bias", bias, [n], matrix);

  return matrix.blocks.map((block) => {
    const access = weightAccess(matrix, block);
    return {
      label: `matmul ${t}x${block.rows}x${k} ${matrix.form.kind}`,
      kernel: {
        parts: [stepPart, ...access.parts, tilePart, kernelPart],
        constants: {
          ...access.constants,
          ROWS: block.rows,
          FIRST_ROW: block.firstRow,
          N: n,
          K: k,
          RESIDUAL: residual ? 1 : 0,
          BIAS: bias ? 1 : 0,
        },
      },
      // What is absent is bound to x and not read.
      buffers: [...access.buffers, step, x, y, residual ?? x, bias ?? x],
      workgroups: [Math.ceil(block.rows / TILE.n), Math.max(1, Math.ceil(t / TILE.t)), 1],
      cost: {
        bytes:
          sizeOf(block.values) +
          (block.groups ? sizeOf(block.groups) : 0) +
          4 * t * (k + block.rows * (residual ? 2 : 1)) +
          (bias ? 4 * block.rows : 0),
        flops: 2 * t * block.rows * k,
      },
    };
  });
}

/** As in the tile part. */
const TILE = { t: 32, n: 64 };

function expectShape(name: string, { shape }: TensorRef, expected: readonly number[], matrix: Matrix): void {
  if (shape.length !== expected.length || shape.some((dim, axis) => dim !== expected[axis])) {
    throw new ShapeError(
      `matmul: ${matrix.name} is [${matrix.shape}], so ${name} must be [${expected}]; found [${shape}].`,
    );
  }
}

const kernelPart = { name: "matmul.wgsl", wgsl };
const tilePart = { name: "tile-32x64x32.wgsl", wgsl: tileWgsl };
