import type { Part, TensorRef } from "../../dispatch.js";
import type { AdapterReport } from "../../gpu/device.js";
import { type Matrix, type MatrixForm, paddedColumns } from "../../matrix.js";
import { lanesWorkgroup } from "../../parts/index.js";
import { variantNamed } from "../../parts/variant-named.js";
import { DOT_FEATURE } from "../round-rows/round-rows.js";
import wgsl from "./matmul.wgsl?raw";
import dotWgsl from "./matmul-dot.wgsl?raw";
import halfWgsl from "./matmul-half.wgsl?raw";
import packedWgsl from "./matmul-packed.wgsl?raw";
import rowsWgsl from "./matmul-rows.wgsl?raw";
import subgroupWgsl from "./matmul-subgroup.wgsl?raw";
import tile32x32x32Wgsl from "./tile-32x32x32.wgsl?raw";
import tile32x64x32Wgsl from "./tile-32x64x32.wgsl?raw";
import tile64x64x16Wgsl from "./tile-64x64x16.wgsl?raw";
import tileN64Wgsl from "./tile-n64.wgsl?raw";
import tileN128Wgsl from "./tile-n128.wgsl?raw";

export interface MatmulLayout {
  readonly parts: readonly Part[];
  readonly constants: Readonly<Record<string, number>>;
  /** The forms whose weights stay packed in workgroup memory; absent where any form will do. */
  readonly packed?: readonly MatrixForm["kind"][];
  /** Multiplies bytes: x is rounded first, and `dotsFit` says for which matrices. */
  readonly dots?: boolean;
  /** Multiplies in f16. */
  readonly halves?: boolean;
  /** Parts of K that are workgroups of their own; what they find is added up by a second dispatch. */
  readonly slices: number;
  /** Tokens and rows of W that one workgroup makes. */
  readonly tokens: number;
  readonly rows: number;
}

/** What decides which layouts can do a problem, and which is taken where none was chosen. */
export interface MatmulProblem {
  /** `[T, K]`. */
  readonly x: TensorRef;
  readonly matrix: Matrix;
  readonly rounded?: unknown;
  readonly halves?: boolean;
  readonly adapter?: AdapterReport["kind"];
  readonly subgroupSize?: number | undefined;
}

/** The layout that rounds its input to bytes: not exact, and for `precision: "fast"` alone. */
export const DOTS = "dots-64x64";

/** The layout that multiplies in f16, with K whole or in slices: not exact either. */
export const HALVES = "halves-64x64";

const LEAST_SUBGROUP = 8; // lanes that hand x to each other in the layout subgroups

/** A workgroup shares a tile in workgroup memory: tokens x rows x columns, as in the part's name. */
function tiled(tokens: number, rows: number, tile: Part): MatmulLayout {
  return { parts: [tile, { name: "matmul.wgsl", wgsl }], constants: {}, tokens, rows, slices: 1 };
}

/** The same with quantised weights kept packed, and eight tokens x eight rows a lane. */
function packed(kinds: readonly MatrixForm["kind"][], rows: number, tile: Part): MatmulLayout {
  const parts = [tile, { name: "matmul-packed.wgsl", wgsl: packedWgsl }];
  return { parts, constants: {}, packed: kinds, tokens: 64, rows, slices: 1 };
}

const tile32x64x32 = tiled(32, 64, { name: "tile-32x64x32.wgsl", wgsl: tile32x64x32Wgsl });
const tile32x32x32 = tiled(32, 32, { name: "tile-32x32x32.wgsl", wgsl: tile32x32x32Wgsl });
const packed64x64 = packed(["int4", "int8"], 64, { name: "tile-n64.wgsl", wgsl: tileN64Wgsl });

const halves64x64: MatmulLayout = {
  parts: [{ name: "matmul-half.wgsl", wgsl: halfWgsl, enable: ["f16"] }],
  constants: {},
  halves: true,
  tokens: 64,
  rows: 64,
  slices: 1,
};

/** The same with K in two, four and eight slices: `NAME-k4`. */
function sliced(name: string, layout: MatmulLayout): Record<string, MatmulLayout> {
  return Object.fromEntries([2, 4, 8].map((slices) => [`${name}-k${slices}`, { ...layout, slices }]));
}

/** The layouts by name. `rows`: each lane by itself, for adapters that are a CPU, and the plain one that the others are checked against. */
const VARIANTS: Readonly<Record<string, MatmulLayout>> = {
  rows: {
    parts: [lanesWorkgroup, { name: "matmul-rows.wgsl", wgsl: rowsWgsl }],
    constants: { LANES: 16 },
    tokens: 4,
    rows: 8 * 16,
    slices: 1,
  },
  subgroups: {
    parts: [lanesWorkgroup, { name: "matmul-subgroup.wgsl", wgsl: subgroupWgsl, enable: ["subgroups"] }],
    constants: { LANES: LEAST_SUBGROUP },
    tokens: 8,
    rows: 4 * LEAST_SUBGROUP,
    slices: 1,
  },
  "tile-32x64x32": tile32x64x32,
  ...sliced("tile-32x64x32", tile32x64x32),
  "tile-32x32x32": tile32x32x32,
  ...sliced("tile-32x32x32", tile32x32x32),
  "tile-64x64x16": tiled(64, 64, { name: "tile-64x64x16.wgsl", wgsl: tile64x64x16Wgsl }),
  "packed-64x64": packed64x64,
  ...sliced("packed-64x64", packed64x64),
  "packed-64x128": packed(["int4"], 128, { name: "tile-n128.wgsl", wgsl: tileN128Wgsl }),
  [DOTS]: {
    parts: [{ name: "matmul-dot.wgsl", wgsl: dotWgsl, requires: [DOT_FEATURE] }],
    constants: {},
    dots: true,
    tokens: 64,
    rows: 64,
    slices: 1,
  },
  [HALVES]: halves64x64,
  ...sliced(HALVES, halves64x64),
};

/** Whether integer dot products can do a matrix: 32 columns share their scale, in x and in the weights. */
export function dotsFit({ shape: [, k], form }: Matrix): boolean {
  return k % 32 === 0 && "groupSize" in form && form.groupSize % 32 === 0;
}

/** Names of the layouts of matmul that can do a problem on its device. */
export function matmulVariants(problem: MatmulProblem): string[] {
  const { matrix, rounded, halves, subgroupSize = 0 } = problem;
  return Object.entries(VARIANTS).flatMap(([name, layout]) => {
    if (layout.packed && !layout.packed.includes(matrix.form.kind)) return [];
    if (layout.dots && !(rounded && dotsFit(matrix))) return [];
    if (layout.halves && !halves) return [];
    if (layout.slices > 1 && layout.slices !== slicesOf(problem, layout)) return [];
    return name === "subgroups" && subgroupSize < LEAST_SUBGROUP ? [] : [name];
  });
}

/** The layout taken where none was chosen; one that splits K only where there is room for what its slices find. */
export function matmulDefault(problem: MatmulProblem, room: boolean): string {
  const { adapter = "gpu", subgroupSize = 0 } = problem;
  if (adapter === "software") return subgroupSize >= LEAST_SUBGROUP ? "subgroups" : "rows";
  const slices = room ? slicesOf(problem, tile32x64x32) : 1;
  return slices > 1 ? `tile-32x64x32-k${slices}` : "tile-32x64x32";
}

/** @throws {RangeError} for a name that is no variant's. */
export function matmulLayout(variant: string): MatmulLayout {
  return variantNamed(VARIANTS, variant);
}

/**
 * Workgroups that leave no part of a GPU idle: a middling one has 30 to 60 cores, and each hides the time its loads take
 * only with two workgroups or more.
 */
const ENOUGH_WORKGROUPS = 128;
/** Columns of a slice, in eights, below which filling tiles and adding slices up takes what the split gains. */
const LEAST_SLICE8 = 16;

/** Slices of K that give a layout enough workgroups for a problem: 1, 2, 4 or 8. */
function slicesOf({ x, matrix: { shape } }: MatmulProblem, { tokens, rows }: MatmulLayout): number {
  const workgroups = Math.ceil((x.shape[0] ?? 0) / tokens) * Math.ceil(shape[0] / rows);
  const k8 = paddedColumns(shape[1]) / 8;
  let slices = 1;
  while (slices < 8 && slices * workgroups < ENOUGH_WORKGROUPS && k8 / (2 * slices) >= LEAST_SLICE8) slices *= 2;
  return slices;
}
