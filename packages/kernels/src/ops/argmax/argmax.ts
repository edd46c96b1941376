import { type Dispatch, spread, type TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { best } from "../../parts/best.js";
import { lanesWorkgroup } from "../../parts/index.js";
import wgsl from "./argmax.wgsl?raw";
import rowsWgsl from "./argmax-rows.wgsl?raw";

export interface ArgmaxInputs {
  /** `[R, V]`. */
  readonly logits: TensorRef;
  /** `[R]` u32. */
  readonly ids: TensorRef;
  /** u32, of the shape that {@link argmaxScratch} gives: the best of each chunk. */
  readonly scratch: TensorRef;
}

const SPAN = 2048; // logits of a workgroup

/** Shape of `argmax`'s scratch tensor (u32) for logits of the given shape. */
export function argmaxScratch([rows = 0, width = 0]: readonly number[]): readonly number[] {
  return [rows, Math.ceil(width / SPAN), 2];
}

/**
 * The column of each row's greatest logit; the lowest wins among equals.
 *
 * @returns Two dispatches to run in order: chunks of rows, then rows.
 * @throws {@link ShapeError} when ids or scratch do not fit the logits.
 */
export function argmax({ logits, ids, scratch }: ArgmaxInputs): Dispatch[] {
  const [rows = 0, width = 0] = logits.shape;
  const shape = argmaxScratch(logits.shape);
  const [, chunks = 0] = shape;
  if (width < 1 || ids.shape[0] !== rows || scratch.shape.join() !== shape.join()) {
    throw new ShapeError(
      `argmax: logits are [${logits.shape}], so ids must be [${rows}] and scratch [${shape}] (argmaxScratch); found [${ids.shape}] and [${scratch.shape}].`,
    );
  }
  return [
    {
      label: `argmax ${rows}x${width}`,
      kernel: {
        parts: [lanesWorkgroup, best, chunksPart],
        constants: { WIDTH: width, CHUNKS: chunks, SPAN, LANES: lanes(width) },
      },
      buffers: [logits, scratch],
      workgroups: spread(rows * chunks),
      cost: { bytes: 4 * rows * width + 8 * rows * chunks, flops: rows * width },
    },
    {
      label: `argmax rows ${rows}x${chunks}`,
      kernel: { parts: [lanesWorkgroup, best, rowsPart], constants: { CHUNKS: chunks, LANES: lanes(chunks) } },
      buffers: [scratch, ids],
      workgroups: spread(rows),
      cost: { bytes: 8 * rows * chunks + 4 * rows, flops: rows * chunks },
    },
  ];
}

/** As many as have something to do, a power of two, up to 64. */
function lanes(count: number): number {
  return Math.min(64, 2 ** Math.ceil(Math.log2(count)));
}

const chunksPart = { name: "argmax.wgsl", wgsl };
const rowsPart = { name: "argmax-rows.wgsl", wgsl: rowsWgsl };
