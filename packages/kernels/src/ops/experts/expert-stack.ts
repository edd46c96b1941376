import { sizeOf } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import type { Matrix, MatrixBlock } from "../../matrix.js";
import hereWgsl from "./here.wgsl?raw";

/** Matrices of several experts, `[N, K]` each, their rows one after the other: a matrix made with `rowsTogether` N. */
export interface ExpertStack {
  readonly matrix: Matrix;
  readonly experts: number;
}

/** Where the experts of a block lie in the stack, as every kernel of this folder takes it. */
export interface ExpertBlock {
  readonly block: MatrixBlock;
  /** The words of `Here` in here.wgsl. */
  readonly uniforms: readonly [first: number, experts: number];
  /** Of the stack's experts, how many of those that are used lie here, if all are as likely. */
  readonly share: number;
  /** Bytes of one expert. */
  readonly expertBytes: number;
}

export function expertRows({ matrix, experts }: ExpertStack): number {
  return matrix.shape[0] / experts;
}

/** @throws {@link ShapeError} when a block ends within an expert. */
export function expertBlocks(stack: ExpertStack): ExpertBlock[] {
  const { matrix, experts } = stack;
  const rows = expertRows(stack);
  return matrix.blocks.map((block) => {
    if (!Number.isInteger(rows) || block.firstRow % rows !== 0 || block.rows % rows !== 0) {
      throw new ShapeError(
        `${matrix.name} is [${matrix.shape}], with a block of rows ${block.firstRow} to ${block.firstRow + block.rows}; blocks of whole experts, ${experts} in all, were expected. Make it with matrix(..., rowsTogether).`,
      );
    }
    const here = block.rows / rows;
    return {
      block,
      uniforms: [block.firstRow / rows, here],
      share: here / experts,
      expertBytes: (sizeOf(block.values) + (block.groups ? sizeOf(block.groups) : 0)) / here,
    };
  });
}

/** `struct Here`. */
export const herePart = { name: "here.wgsl", wgsl: hereWgsl };

/** How many of the experts `choices` of them reach, on average, if all are as likely: what a pass must read at least. */
export function expertsReached(experts: number, tokens: number, topK: number): number {
  return experts * (1 - (1 - topK / experts) ** tokens);
}
