import { type Dispatch, spread, type TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { groupWordsPerRow, type Matrix, wordsPerRow } from "../../matrix.js";
import { lanesWorkgroup, step as stepPart } from "../../parts/index.js";
import { weightAccess } from "../../parts/weights.js";
import wgsl from "./embed.wgsl?raw";

export interface EmbedInputs {
  /** `[2]` u32: position and count; tokens at or past count are left alone. */
  readonly step: TensorRef;
  /** `[T]` u32. An id that the matrix has no row for gives zeros. */
  readonly ids: TensorRef;
  /** `[N, K]`, in any form. */
  readonly matrix: Matrix;
  /** `[T, K]`. */
  readonly y: TensorRef;
  /** Factor on every value: the square root of K for Gemma, else 1. */
  readonly scale?: number;
}

/**
 * Looks tokens up in an embedding matrix: `y[t] = scale · W[ids[t]]`. One dispatch a row block, each writing the tokens
 * whose row it holds.
 *
 * @throws {@link ShapeError} when y is not `[T, K]`.
 */
export function embed({ step, ids, matrix, y, scale = 1 }: EmbedInputs): Dispatch[] {
  const [n, k] = matrix.shape;
  const [t = 0] = ids.shape;
  if (y.shape[0] !== t || y.shape[1] !== k) {
    throw new ShapeError(
      `embed: ids is [${ids.shape}] and ${matrix.name} [${matrix.shape}], so y must be [${t},${k}]; found [${y.shape}].`,
    );
  }
  const rowBytes = 4 * (wordsPerRow(k, matrix.form) + groupWordsPerRow(k, matrix.form));
  return matrix.blocks.map((block, index) => {
    const access = weightAccess(matrix, block);
    return {
      label: `embed ${t}x${k} ${matrix.form.kind}`,
      kernel: {
        parts: [stepPart, lanesWorkgroup, ...access.parts, kernelPart],
        constants: {
          ...access.constants,
          ROWS: block.rows,
          FIRST_ROW: block.firstRow,
          N: n,
          K: k,
          SCALE: scale,
          LANES: 64,
        },
      },
      buffers: [...access.buffers, step, ids, y],
      workgroups: spread(t),
      // The rows are moved once, whichever blocks they lie in; the first dispatch carries that cost.
      cost: index === 0 ? { bytes: t * (4 + rowBytes + 4 * k), flops: t * k } : { bytes: 4 * t, flops: 0 },
    };
  });
}

const kernelPart = { name: "embed.wgsl", wgsl };
