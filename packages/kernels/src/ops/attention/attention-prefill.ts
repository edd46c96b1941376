import { type Dispatch, spread } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { lanesWorkgroup, step as stepPart } from "../../parts/index.js";
import wgsl from "./attention-prefill.wgsl?raw";
import rowsWgsl from "./attention-prefill-rows.wgsl?raw";
import {
  type AttentionInputs,
  attentionShape,
  rowParts,
  scoreConstants,
  scorePart,
  storePart,
} from "./attention-shape.js";

export interface AttentionPrefillInputs extends AttentionInputs {
  /** Row r sees positions 0 to position + r; true unless given. When false every row sees all of position + count. */
  readonly causal?: boolean;
}

/**
 * Attention of the rows of a pass over the cache: `softmax(q · keysᵀ · scale) · values`, grouped heads, causal or not,
 * with an optional sliding window and soft-cap. Rows at or past count are left alone. `cost` is that of a full cache.
 *
 * @throws {@link ShapeError} when shapes disagree, headDim is above 256, window or softcap cannot be, or a window is
 * asked for without causality.
 * @see Dao et al., arXiv:2205.14135 (tiles); Milakov and Gimelshein, arXiv:1805.02867 (the online softmax)
 */
export function attentionPrefill(inputs: AttentionPrefillInputs): Dispatch {
  const { step, q, keys, values, y, kv = "f32", window, causal = true, adapter = "gpu" } = inputs;
  const { rows, heads, kvHeads, capacity, headDim, group, cacheBytes } = attentionShape("attentionPrefill", inputs);
  if (window !== undefined && !causal) {
    throw new ShapeError(
      `attentionPrefill: a window of ${window} looks backwards only, but causal is false. Leave one of them out.`,
    );
  }
  const constants = {
    ...scoreConstants(inputs),
    HEAD_DIM: headDim,
    HEADS: heads,
    KV_HEADS: kvHeads,
    GROUP: group,
    CAUSAL: causal ? 1 : 0,
  };
  const shared = [stepPart, lanesWorkgroup, ...rowParts(headDim, kv), scorePart, storePart];
  const { blocks, quads, tile } = prefillTile(headDim);
  const kernel =
    adapter === "software"
      ? { parts: [...shared, rowsKernelPart], constants: { ...constants, LANES: ROW_LANES } }
      : {
          parts: [...shared, kernelPart],
          constants: { ...constants, QUADS: quads, TILE: tile, LANES: blocks * quads },
        };
  return {
    label: `attentionPrefill ${rows}x${heads}/${kvHeads}x${headDim} ${kv} in ${capacity}`,
    kernel,
    buffers: [step, q, keys, values, y],
    workgroups:
      adapter === "software"
        ? spread(Math.ceil((rows * heads) / ROW_LANES))
        : [Math.ceil((rows * group) / (4 * quads)), kvHeads, 1],
    cost: {
      bytes: 8 * rows * heads * headDim + 2 * cacheBytes,
      flops: 4 * rows * heads * capacity * headDim,
    },
  };
}

/** Sizes of a workgroup: at most 256 lanes, and at most 16 KiB of tiles, scores and what lanes tell each other. */
function prefillTile(headDim: number): { blocks: number; quads: number; tile: number } {
  const blocks = Math.ceil(headDim / 4); // lanes that share four queries
  if (blocks <= 8) return { blocks, quads: 16, tile: 32 };
  if (blocks <= 16) return { blocks, quads: 8, tile: 32 };
  if (blocks <= 32) return { blocks, quads: 8, tile: 16 };
  return { blocks, quads: 4, tile: 8 };
}

const ROW_LANES = 16;
const rowsKernelPart = { name: "attention-prefill-rows.wgsl", wgsl: rowsWgsl };
const kernelPart = { name: "attention-prefill.wgsl", wgsl };
