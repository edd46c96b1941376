import { type Dispatch, type Part, spread } from "../../dispatch.js";
import type { AdapterReport } from "../../gpu/device.js";
import { ShapeError } from "../../gpu/errors.js";
import { lanesWorkgroup, step as stepPart, team, teamLanes } from "../../parts/index.js";
import { variantNamed } from "../../parts/variant-named.js";
import wgsl from "./attention-prefill.wgsl?raw";
import rowsWgsl from "./attention-prefill-rows.wgsl?raw";
import teamsWgsl from "./attention-prefill-teams.wgsl?raw";
import {
  type AttentionInputs,
  type AttentionShape,
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
 * @throws {RangeError} for a name that is no variant's.
 * @see Dao et al., arXiv:2205.14135 (tiles); Milakov and Gimelshein, arXiv:1805.02867 (the online softmax)
 */
export function attentionPrefill(inputs: AttentionPrefillInputs): Dispatch {
  const { step, q, keys, values, y, kv = "f32", window, causal = true, adapter = "gpu" } = inputs;
  const { variant = prefillDefault(adapter, inputs) } = inputs;
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
  const { parts, sizes, workgroups } = layoutOf(variantNamed(VARIANTS, variant), {
    rows,
    heads,
    kvHeads,
    group,
    headDim,
  });
  return {
    label: `attentionPrefill ${rows}x${heads}/${kvHeads}x${headDim} ${kv} in ${capacity}`,
    kernel: {
      parts: [stepPart, ...rowParts(headDim, kv), scorePart, storePart, ...parts],
      constants: { ...constants, ...sizes },
    },
    buffers: [step, q, keys, values, y],
    workgroups,
    cost: {
      bytes: 8 * rows * heads * headDim + 2 * cacheBytes,
      flops: 4 * rows * heads * capacity * headDim,
    },
  };
}

type PrefillLayout = "rows" | "teams" | Tile;

/** What a workgroup takes at a time. */
interface Tile {
  /** Rows times query heads of a group, a multiple of 4. */
  readonly queries: number;
  readonly keys: number;
}

/**
 * The layouts by name. `rows`: a lane takes a whole query, for adapters that are a CPU, and the plain one that the others
 * are checked against. `teams`: lanes of such an adapter load for each other. `tile-QxK`: Q queries against K keys in workgroup memory.
 */
const VARIANTS: Readonly<Record<string, PrefillLayout>> = {
  teams: "teams",
  "tile-64x32": { queries: 64, keys: 32 },
  "tile-64x16": { queries: 64, keys: 16 },
  "tile-32x32": { queries: 32, keys: 32 },
  "tile-32x16": { queries: 32, keys: 16 },
  "tile-16x32": { queries: 16, keys: 32 },
  "tile-16x16": { queries: 16, keys: 16 },
  "tile-16x8": { queries: 16, keys: 8 },
  rows: "rows",
};

type Target = Pick<AttentionInputs, "q" | "adapter" | "subgroupSize">;

/** Names of attentionPrefill's layouts that can do heads of this size on this adapter. */
export function prefillVariants({ q, adapter, subgroupSize }: Target): string[] {
  const headDim = q.shape[2]!;
  return Object.keys(VARIANTS).filter((name) => {
    const layout = VARIANTS[name]!;
    if (layout === "teams") return teamsFit(adapter, subgroupSize);
    return layout === "rows" || fits(layout, headDim);
  });
}

/** The layout taken where none was chosen. */
export function prefillDefault(adapter: AdapterReport["kind"], { q, subgroupSize }: Target): string {
  if (adapter === "software") return teamsFit(adapter, subgroupSize) ? "teams" : "rows";
  const headDim = q.shape[2]!;
  if (headDim <= 32) return "tile-64x32";
  if (headDim <= 64) return "tile-32x32";
  return headDim <= 128 ? "tile-32x16" : "tile-16x8";
}

function teamsFit(adapter: Target["adapter"], subgroupSize = 0): boolean {
  return adapter === "software" && teamLanes(subgroupSize) === TEAM;
}

function layoutOf(
  layout: PrefillLayout,
  { rows, heads, kvHeads, group, headDim }: Pick<AttentionShape, "rows" | "heads" | "kvHeads" | "group" | "headDim">,
): Pick<Dispatch, "workgroups"> & { readonly parts: readonly Part[]; readonly sizes: Record<string, number> } {
  if (layout === "rows") {
    const workgroups = spread(Math.ceil((rows * heads) / ROW_LANES));
    return { parts: [lanesWorkgroup, rowsKernelPart], sizes: { LANES: ROW_LANES }, workgroups };
  }
  if (layout === "teams") {
    const { part, constants } = team(TEAM);
    const workgroups = [Math.ceil((rows * group) / TEAM), kvHeads, Math.ceil(headDim / (8 * TEAM))] as const;
    return { parts: [part, teamsKernelPart], sizes: { ...constants, LANES: TEAM }, workgroups };
  }
  const workgroups = [Math.ceil((rows * group) / layout.queries), kvHeads, 1] as const;
  return { parts: [lanesWorkgroup, kernelPart], sizes: tileConstants(layout, headDim), workgroups };
}

function tileConstants({ queries, keys }: Tile, headDim: number): Record<string, number> {
  const quads = queries / 4;
  return { QUADS: quads, TILE: keys, LANES: quads * Math.ceil(headDim / 4) };
}

/** At most 256 lanes, and at most 16 KiB of tiles, scores and what lanes tell each other, as attention-prefill.wgsl declares them. */
function fits(tile: Tile, headDim: number): boolean {
  const { QUADS: quads = 0, TILE: keys = 0, LANES: lanes = 0 } = tileConstants(tile, headDim);
  const blocks = Math.ceil(headDim / 4); // lanes that share four queries
  const slices = Math.max(1, Math.floor(blocks / keys));
  const vectors = keys * (blocks | 1) + quads * slices * keys + quads * Math.min(keys, blocks);
  return lanes <= 256 && 16 * vectors <= 16 * 1024;
}

const TEAM = 8; // in teams of four, as SwiftShader's are, the layout is slower than one lane a query
const ROW_LANES = 16;
const rowsKernelPart = { name: "attention-prefill-rows.wgsl", wgsl: rowsWgsl };
const teamsKernelPart = { name: "attention-prefill-teams.wgsl", wgsl: teamsWgsl };
const kernelPart = { name: "attention-prefill.wgsl", wgsl };
