import type { Dispatch, TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { lanesWorkgroup, step as stepPart, TEAM_LANES, teams } from "../../parts/index.js";
import combineWgsl from "./attention-combine.wgsl?raw";
import decodeWgsl from "./attention-decode.wgsl?raw";
import mixWgsl from "./attention-mix.wgsl?raw";
import scoresWgsl from "./attention-scores.wgsl?raw";
import {
  type AttentionInputs,
  attentionShape,
  rowParts,
  scoreConstants,
  scorePart,
  storePart,
} from "./attention-shape.js";

export interface AttentionDecodeInputs extends AttentionInputs {
  /** Of the shape that {@link attentionPartials} gives. Layers may share it. */
  readonly partials: TensorRef;
}

const SPLIT = 64; // keys of a workgroup, as in attention-decode.wgsl and attention-combine.wgsl
const MAX_HEADS_AT_ONCE = 4; // query heads of a workgroup, as in attention-decode.wgsl and attention-scores.wgsl

/**
 * Shape of `attentionDecode`'s partials (f32): what each split of the context leaves for each head, or, on a software
 * adapter, the weights of its keys.
 */
export function attentionPartials({
  heads,
  headDim,
  capacity,
}: {
  readonly heads: number;
  readonly headDim: number;
  readonly capacity: number;
}): readonly number[] {
  return [heads, Math.ceil(capacity / SPLIT), 4 * Math.ceil(Math.max(headDim + 2, SPLIT + SPLIT / 4) / 4)];
}

/**
 * Attention of one token over the cache: `softmax(q · keysᵀ · scale) · values`, grouped heads, with an optional sliding
 * window and soft-cap. The context is cut into splits that run side by side, so that the time of a long one is spread
 * over the whole GPU; splits past it cost nothing but a return.
 *
 * T is 1: `step.position` is where the token stands. Nothing is written when `step.count` is 0. `cost` is that of a full cache.
 *
 * @returns Two dispatches to run in order: splits, then their combination; on a software adapter scores, then the mixture.
 * @throws {@link ShapeError} when shapes disagree, headDim is above 256, or window or softcap cannot be.
 * @see Dao et al., Flash-Decoding; Milakov and Gimelshein, arXiv:1805.02867 (the online softmax)
 */
export function attentionDecode(inputs: AttentionDecodeInputs): Dispatch[] {
  const { step, q, keys, values, partials, y, kv = "f32", adapter = "gpu", subgroupSize = 0 } = inputs;
  const { rows, heads, kvHeads, capacity, headDim, group, cacheBytes } = attentionShape("attentionDecode", inputs);
  const shape = attentionPartials({ heads, headDim, capacity });
  const [, splits = 0, width = 0] = shape;
  if (rows !== 1) {
    throw new ShapeError(`attentionDecode: q is [${q.shape}]; it takes one token. Use attentionPrefill for ${rows}.`);
  }
  if (partials.shape.join() !== shape.join()) {
    throw new ShapeError(
      `attentionDecode: partials must be [${shape}] (attentionPartials) for ${heads} heads and a capacity of ${capacity}; found [${partials.shape}].`,
    );
  }
  const headBlocks = Math.ceil(group / MAX_HEADS_AT_ONCE);
  const constants = { ...scoreConstants(inputs), HEADS: heads, KV_HEADS: kvHeads, GROUP: group, HEAD_DIM: headDim };
  const blockConstants = { ...constants, HEAD_BLOCKS: headBlocks, HEADS_AT_ONCE: Math.ceil(group / headBlocks) };
  const shared = [stepPart, ...rowParts(headDim, kv), scorePart];
  const label = `attentionDecode ${heads}/${kvHeads}x${headDim} ${kv} in ${capacity}`;
  const rowBytes = 4 * heads * headDim;
  const grid = [splits, kvHeads * headBlocks, 1] as const;

  if (adapter === "software") {
    const weightBytes = 5 * heads * capacity;
    const flops = 2 * heads * capacity * headDim;
    const team = subgroupSize >= TEAM_LANES ? teams.subgroup : teams.alone;
    const laneConstants = { ...blockConstants, WIDTH: width };
    return [
      {
        label: `${label} scores`,
        kernel: { parts: [...shared, team, scoresPart], constants: { ...laneConstants, LANES: SCORE_LANES } },
        buffers: [step, q, keys, values, partials],
        workgroups: [Math.min(splits, MAX_SCORE_WORKGROUPS), kvHeads * headBlocks, 1],
        cost: { bytes: rowBytes + cacheBytes + weightBytes, flops },
      },
      {
        label: `${label} mix`,
        kernel: { parts: [...shared, storePart, team, mixPart], constants: { ...laneConstants, LANES: MIX_LANES } },
        buffers: [step, q, keys, values, partials, y],
        workgroups: [Math.ceil(headDim / 4 / MIX_LANES), kvHeads * headBlocks, 1],
        cost: { bytes: weightBytes + cacheBytes + rowBytes, flops },
      },
    ];
  }

  const partialBytes = 4 * heads * splits * (headDim + 2);
  return [
    {
      label,
      kernel: {
        parts: [...shared, lanesWorkgroup, decodePart],
        constants: { ...blockConstants, WIDTH: width, LANES: 64 },
      },
      buffers: [step, q, keys, values, partials],
      workgroups: grid,
      cost: { bytes: rowBytes + 2 * cacheBytes + partialBytes, flops: 4 * heads * capacity * headDim },
    },
    {
      label: `${label} combine`,
      kernel: {
        parts: [stepPart, lanesWorkgroup, scorePart, combinePart],
        constants: {
          ...scoreConstants(inputs),
          HEADS: heads,
          HEAD_DIM: headDim,
          WIDTH: width,
          LANES: headDim <= 128 ? 128 : 256,
        },
      },
      buffers: [step, partials, y],
      workgroups: [heads, 1, 1],
      cost: { bytes: partialBytes + rowBytes, flops: 2 * heads * splits * headDim },
    },
  ];
}

const SCORE_LANES = 16;
const MIX_LANES = 8;
const MAX_SCORE_WORKGROUPS = 16; // of a KV head: enough for the cores of any host, and few to start
const decodePart = { name: "attention-decode.wgsl", wgsl: decodeWgsl };
const combinePart = { name: "attention-combine.wgsl", wgsl: combineWgsl };
const scoresPart = { name: "attention-scores.wgsl", wgsl: scoresWgsl };
const mixPart = { name: "attention-mix.wgsl", wgsl: mixWgsl };
