import type { Part } from "../../dispatch.js";

// What sizes an array that should stay in registers must be a `const` in WGSL, so each choice is a part of one line.

/** Query heads that a workgroup of attention-decode.wgsl takes at once: entry n - 1 is for n heads. */
export const headsAtOnce: readonly Part[] = [
  { name: "heads-1", wgsl: "const HEADS_AT_ONCE = 1u;" },
  { name: "heads-2", wgsl: "const HEADS_AT_ONCE = 2u;" },
  { name: "heads-3", wgsl: "const HEADS_AT_ONCE = 3u;" },
  { name: "heads-4", wgsl: "const HEADS_AT_ONCE = 4u;" },
  { name: "heads-5", wgsl: "const HEADS_AT_ONCE = 5u;" },
  { name: "heads-6", wgsl: "const HEADS_AT_ONCE = 6u;" },
  { name: "heads-7", wgsl: "const HEADS_AT_ONCE = 7u;" },
  { name: "heads-8", wgsl: "const HEADS_AT_ONCE = 8u;" },
];

export interface PrefillTile {
  /** The largest head size it serves: 32 times COLUMNS. */
  readonly headDim: number;
  /** Queries of a workgroup. */
  readonly queries: number;
  readonly part: Part;
}

/** Tiles of attention-prefill.wgsl, by head size. A lane holds QUERIES * (COLUMNS + 1) vec4; the tile holds 8 * KEYS rows. */
export const prefillTiles: readonly PrefillTile[] = [
  {
    headDim: 32,
    queries: 32,
    part: { name: "tile-32", wgsl: "const QUERIES = 4u; const KEYS = 4u; const COLUMNS = 1u;" },
  },
  {
    headDim: 64,
    queries: 32,
    part: { name: "tile-64", wgsl: "const QUERIES = 4u; const KEYS = 4u; const COLUMNS = 2u;" },
  },
  {
    headDim: 96,
    queries: 32,
    part: { name: "tile-96", wgsl: "const QUERIES = 4u; const KEYS = 2u; const COLUMNS = 3u;" },
  },
  {
    headDim: 128,
    queries: 32,
    part: { name: "tile-128", wgsl: "const QUERIES = 4u; const KEYS = 2u; const COLUMNS = 4u;" },
  },
  {
    headDim: 192,
    queries: 16,
    part: { name: "tile-192", wgsl: "const QUERIES = 2u; const KEYS = 2u; const COLUMNS = 6u;" },
  },
  {
    headDim: 256,
    queries: 16,
    part: { name: "tile-256", wgsl: "const QUERIES = 2u; const KEYS = 1u; const COLUMNS = 8u;" },
  },
];
