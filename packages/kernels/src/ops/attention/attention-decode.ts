import { type Dispatch, sizeOf, type TensorRef } from "../../dispatch.js";
import type { AdapterReport } from "../../gpu/device.js";
import { ShapeError } from "../../gpu/errors.js";
import { lanesWorkgroup, step as stepPart, team, teamLanes } from "../../parts/index.js";
import { variantNamed } from "../../parts/variant-named.js";
import combineWgsl from "./attention-combine.wgsl?raw";
import decodeWgsl from "./attention-decode.wgsl?raw";
import mixWgsl from "./attention-mix.wgsl?raw";
import { attentionPrefill } from "./attention-prefill.js";
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

/** Keys of the smallest split, for which partials have room. */
const SPLIT = 64;
/** Query heads that share what is loaded of keys and values, at most, in the layout `scores`. */
const SCORE_HEADS = 4;

/**
 * The layouts by name. `rows`: a lane takes a whole head, as in prefill's plain layout; the plain one that the others are
 * checked against. `scores`: no barriers, for adapters that are a CPU. `split-KxH`: K lanes share K keys and up to H query heads.
 */
const VARIANTS: Readonly<Record<string, DecodeLayout>> = {
  "split-64x4": { keys: 64, heads: 4 },
  "split-64x2": { keys: 64, heads: 2 },
  "split-64x1": { keys: 64, heads: 1 },
  "split-128x4": { keys: 128, heads: 4 },
  "split-128x2": { keys: 128, heads: 2 },
  "split-256x2": { keys: 256, heads: 2 },
  scores: "scores",
  rows: "rows",
};

type DecodeLayout = "rows" | "scores" | { readonly keys: number; readonly heads: number };

/** Names of attentionDecode's layouts; of those that deal out a group of query heads alike, one. */
export function decodeVariants({ q, keys }: Pick<AttentionInputs, "q" | "keys">): string[] {
  const group = q.shape[1]! / keys.shape[0]!;
  const least = new Map<string, string>(); // by keys and share, so that none is there twice
  for (const [name, layout] of Object.entries(VARIANTS)) {
    const same = typeof layout === "string" ? layout : `${layout.keys} ${headShare(group, layout.heads).HEADS_AT_ONCE}`;
    if (!least.has(same)) least.set(same, name);
  }
  return [...least.values()];
}

/** The layout taken where none was chosen. */
export function decodeDefault(adapter: AdapterReport["kind"]): string {
  return adapter === "software" ? "scores" : "split-64x4";
}

/** How a group of query heads is dealt out to workgroups, of which each takes as many as the others, or fewer. */
function headShare(group: number, most: number): { readonly HEAD_BLOCKS: number; readonly HEADS_AT_ONCE: number } {
  const blocks = Math.ceil(group / most);
  return { HEAD_BLOCKS: blocks, HEADS_AT_ONCE: Math.ceil(group / blocks) };
}

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
 * The plain layout `rows` is a single one.
 * @throws {@link ShapeError} when shapes disagree, headDim is above 256, or window or softcap cannot be.
 * @throws {RangeError} for a name that is no variant's.
 * @see Dao et al., Flash-Decoding; Milakov and Gimelshein, arXiv:1805.02867 (the online softmax)
 */
export function attentionDecode(inputs: AttentionDecodeInputs): Dispatch[] {
  const { q, partials, adapter = "gpu", variant = decodeDefault(adapter) } = inputs;
  const { rows, heads, capacity, headDim } = attentionShape("attentionDecode", inputs);
  const shape = attentionPartials({ heads, headDim, capacity });
  if (rows !== 1) {
    throw new ShapeError(`attentionDecode: q is [${q.shape}]; it takes one token. Use attentionPrefill for ${rows}.`);
  }
  if (partials.shape.join() !== shape.join()) {
    throw new ShapeError(
      `attentionDecode: partials must be [${shape}] (attentionPartials) for ${heads} heads and a capacity of ${capacity}; found [${partials.shape}].`,
    );
  }
  const layout = variantNamed(VARIANTS, variant);
  if (layout === "rows") return [attentionPrefill({ ...inputs, variant: "rows" })];
  return layout === "scores" ? scoresAndMix(inputs) : splitsAndCombination(inputs, layout.keys, layout.heads);
}

/** What both layouts of two dispatches are made of. */
function common(inputs: AttentionDecodeInputs, mostHeads: number) {
  const { q, partials, kv = "f32" } = inputs;
  const { heads, kvHeads, capacity, headDim, group, cacheBytes } = attentionShape("attentionDecode", inputs);
  const [, splits = 0, width = 0] = partials.shape;
  const share = headShare(group, mostHeads);
  return {
    ...{ heads, capacity, headDim, cacheBytes, splits },
    label: `attentionDecode ${heads}/${kvHeads}x${headDim} ${kv} in ${capacity}`,
    parts: [stepPart, ...rowParts(headDim, kv), scorePart],
    constants: {
      ...scoreConstants(inputs),
      ...share,
      ...{ HEADS: heads, KV_HEADS: kvHeads, GROUP: group, HEAD_DIM: headDim, WIDTH: width },
    },
    /** Workgroups that share a split. */
    headWorkgroups: kvHeads * share.HEAD_BLOCKS,
    rowBytes: sizeOf(q),
  };
}

function scoresAndMix(inputs: AttentionDecodeInputs): Dispatch[] {
  const { step, q, keys, values, partials, y, subgroupSize = 0 } = inputs;
  const { label, parts, constants, headWorkgroups, rowBytes, ...sizes } = common(inputs, SCORE_HEADS);
  const { heads, capacity, headDim, cacheBytes, splits } = sizes;
  const { part: teamPart, constants: teamConstants } = team(teamLanes(subgroupSize));
  const weightBytes = 5 * heads * capacity;
  const flops = 2 * heads * capacity * headDim;
  return [
    {
      label: `${label} scores`,
      kernel: {
        parts: [...parts, teamPart, scoresPart],
        constants: { ...constants, ...teamConstants, LANES: SCORE_LANES },
      },
      buffers: [step, q, keys, values, partials],
      workgroups: [Math.min(splits, MAX_SCORE_WORKGROUPS), headWorkgroups, 1],
      cost: { bytes: rowBytes + cacheBytes + weightBytes, flops },
    },
    {
      label: `${label} mix`,
      kernel: {
        parts: [...parts, storePart, teamPart, mixPart],
        constants: { ...constants, ...teamConstants, LANES: MIX_LANES },
      },
      buffers: [step, q, keys, values, partials, y],
      workgroups: [Math.ceil(headDim / 4 / MIX_LANES), headWorkgroups, 1],
      cost: { bytes: weightBytes + cacheBytes + rowBytes, flops },
    },
  ];
}

function splitsAndCombination(inputs: AttentionDecodeInputs, split: number, mostHeads: number): Dispatch[] {
  const { step, q, keys, values, partials, y } = inputs;
  const { label, parts, constants, headWorkgroups, rowBytes, ...sizes } = common(inputs, mostHeads);
  const { heads, capacity, headDim, cacheBytes } = sizes;
  const splits = Math.ceil(capacity / split);
  const partialBytes = 4 * heads * splits * (headDim + 2);
  return [
    {
      label,
      kernel: { parts: [...parts, lanesWorkgroup, decodePart], constants: { ...constants, LANES: split } },
      buffers: [step, q, keys, values, partials],
      workgroups: [splits, headWorkgroups, 1],
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
          WIDTH: constants.WIDTH,
          SPLIT: split,
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
