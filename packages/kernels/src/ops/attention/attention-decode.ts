import type { Dispatch, TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { lanesWorkgroup, step as stepPart } from "../../parts/index.js";
import combineWgsl from "./attention-combine.wgsl?raw";
import decodeWgsl from "./attention-decode.wgsl?raw";
import { type AttentionInputs, attentionShape, rowsPart, scoreConstants, scorePart } from "./attention-shape.js";

export interface AttentionDecodeInputs extends AttentionInputs {
  /** Of the shape that {@link attentionPartials} gives. Layers may share it. */
  readonly partials: TensorRef;
}

const SPLIT = 64; // keys of a workgroup, as in attention-decode.wgsl and attention-combine.wgsl
const MAX_HEADS_AT_ONCE = 4; // query heads of a workgroup, as in attention-decode.wgsl

/** Shape of `attentionDecode`'s partials (f32): what each split of the context leaves for each head. */
export function attentionPartials({
  heads,
  headDim,
  capacity,
}: {
  readonly heads: number;
  readonly headDim: number;
  readonly capacity: number;
}): readonly number[] {
  return [heads, Math.ceil(capacity / SPLIT), headDim + 2];
}

/**
 * Attention of one token over the cache: `softmax(q · keysᵀ · scale) · values`, grouped heads, with an optional sliding
 * window and soft-cap. The context is cut into splits that run side by side, so that the time of a long one is spread
 * over the whole GPU; splits past it cost nothing but a return.
 *
 * T is 1: `step.position` is where the token stands. Nothing is written when `step.count` is 0. `cost` is that of a full cache.
 *
 * @returns Two dispatches to run in order: splits, then their combination.
 * @throws {@link ShapeError} when shapes disagree, headDim is above 256, or window or softcap cannot be.
 * @see Dao et al., Flash-Decoding; Milakov and Gimelshein, arXiv:1805.02867 (the online softmax)
 */
export function attentionDecode(inputs: AttentionDecodeInputs): Dispatch[] {
  const { step, q, keys, values, partials, y } = inputs;
  const { rows, heads, kvHeads, capacity, headDim, group } = attentionShape("attentionDecode", inputs);
  const shape = attentionPartials({ heads, headDim, capacity });
  const [, splits = 0] = shape;
  if (rows !== 1) {
    throw new ShapeError(`attentionDecode: q is [${q.shape}]; it takes one token. Use attentionPrefill for ${rows}.`);
  }
  if (partials.shape.join() !== shape.join()) {
    throw new ShapeError(
      `attentionDecode: partials must be [${shape}] (attentionPartials) for ${heads} heads and a capacity of ${capacity}; found [${partials.shape}].`,
    );
  }
  const headBlocks = Math.ceil(group / MAX_HEADS_AT_ONCE);
  const partialBytes = 4 * heads * splits * (headDim + 2);
  return [
    {
      label: `attentionDecode ${heads}/${kvHeads}x${headDim} in ${capacity}`,
      kernel: {
        parts: [stepPart, lanesWorkgroup, rowsPart(headDim), scorePart, decodePart],
        constants: {
          ...scoreConstants(inputs),
          HEAD_DIM: headDim,
          GROUP: group,
          HEAD_BLOCKS: headBlocks,
          HEADS_AT_ONCE: Math.ceil(group / headBlocks),
          HEADS: heads,
          KV_HEADS: kvHeads,
          LANES: 64,
        },
      },
      buffers: [step, q, keys, values, partials],
      workgroups: [splits, kvHeads * headBlocks, 1],
      cost: {
        bytes: 4 * heads * headDim + 8 * kvHeads * capacity * headDim + partialBytes,
        flops: 4 * heads * capacity * headDim,
      },
    },
    {
      label: `attentionDecode combine ${heads}x${splits}x${headDim}`,
      kernel: {
        parts: [stepPart, lanesWorkgroup, scorePart, combinePart],
        constants: {
          WINDOW: inputs.window ?? 0,
          SCALE: 1,
          SOFTCAP: 0,
          HEAD_DIM: headDim,
          HEADS: heads,
          LANES: headDim <= 128 ? 128 : 256,
        },
      },
      buffers: [step, partials, y],
      workgroups: [heads, 1, 1],
      cost: { bytes: partialBytes + 4 * heads * headDim, flops: 2 * heads * splits * headDim },
    },
  ];
}

const decodePart = { name: "attention-decode.wgsl", wgsl: decodeWgsl };
const combinePart = { name: "attention-combine.wgsl", wgsl: combineWgsl };
