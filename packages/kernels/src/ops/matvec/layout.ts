import type { Part, TensorRef } from "../../dispatch.js";
import type { AdapterReport } from "../../gpu/device.js";
import { type Matrix, paddedColumns } from "../../matrix.js";
import { inputPart, lanesWorkgroup, norms, spansWorkgroup } from "../../parts/index.js";
import { variantNamed } from "../../parts/variant-named.js";
import wgsl from "./matvec.wgsl?raw";
import rowsWgsl from "./matvec-rows.wgsl?raw";
import subgroupWgsl from "./matvec-subgroup.wgsl?raw";
import teamsWgsl from "./matvec-teams.wgsl?raw";

/** A norm that a projection applies to its input while reading it. */
export interface InputNorm {
  /** `[K]`. */
  readonly weight: TensorRef;
  readonly eps: number;
  /** Added to each weight: 0 for Llama, 1 for Gemma. */
  readonly unitOffset?: 0 | 1;
}

/** How lanes share one token's product with a matrix: parts and constants that go with an operands part of the op. */
export interface MatvecLayout {
  readonly parts: readonly Part[];
  readonly constants: Readonly<Record<string, number>>;
  readonly rowsPerWorkgroup: number;
}

const LEAST_SUBGROUP = 8; // lanes that hand x to each other in the layout subgroups

interface Variant {
  readonly lanes: number;
  /** Lanes that share four rows through workgroup memory. */
  readonly span?: number;
  /** Subgroups share four rows, however many lanes they have. */
  readonly teams?: boolean;
}

/**
 * The layouts by name. `rows`: each lane makes four rows by itself, for adapters that are a CPU, and the plain one that the
 * others are checked against. `subgroups`: the same, but lanes hand x to each other. `spans-SxL`: S of a workgroup's L lanes share four rows.
 * `teams-L`: each subgroup of a workgroup's L lanes makes four rows at a time.
 */
const VARIANTS: Readonly<Record<string, Variant>> = {
  rows: { lanes: 16 },
  subgroups: { lanes: LEAST_SUBGROUP },
  "spans-8x64": { lanes: 64, span: 8 },
  "spans-16x64": { lanes: 64, span: 16 },
  "spans-32x64": { lanes: 64, span: 32 },
  "spans-8x128": { lanes: 128, span: 8 },
  "spans-16x128": { lanes: 128, span: 16 },
  "spans-32x128": { lanes: 128, span: 32 },
  "spans-64x128": { lanes: 128, span: 64 },
  "spans-128x128": { lanes: 128, span: 128 },
  "teams-64": { lanes: 64, teams: true },
  "teams-128": { lanes: 128, teams: true },
};

/** Names of the layouts of matvec, qkv and gateUp that can do a matrix on a device with such subgroups. */
export function matvecVariants(
  { form, shape }: Pick<Matrix, "form" | "shape">,
  subgroupSize = 0,
  norm?: InputNorm,
): string[] {
  const subgroups = subgroupSize >= LEAST_SUBGROUP && "groupSize" in form && form.groupSize % 32 === 0;
  const k8 = paddedColumns(shape[1]) / 8;
  return Object.entries(VARIANTS).flatMap(([name, { span = 0, teams }]) => {
    if (span > 32 && span > k8) return []; // lanes without a column
    if (teams && subgroupSize === 0) return [];
    if (name === "subgroups" && !subgroups) return [];
    return norm && name === "rows" ? [] : [name];
  });
}

/** Lanes that keep a GPU's memory busy: each has four words under way, and a TB/s at 0.5 us is half a MB of them. */
const ENOUGH_LANES = 16_384;

/** The layout taken where none was chosen. */
export function matvecDefault(
  adapter: AdapterReport["kind"],
  matrix: Pick<Matrix, "form" | "shape">,
  subgroupSize = 0,
): string {
  if (adapter === "software") return matvecVariants(matrix, subgroupSize).includes("subgroups") ? "subgroups" : "rows";
  const [n, k] = matrix.shape;
  const k8 = paddedColumns(k) / 8;
  // Lanes that split K: enough to read whole memory sectors, few enough that each still adds up several eights.
  let span = k8 >= 128 ? 32 : k8 >= 64 ? 16 : 8;
  // Where rows are few, K is split further: in a workgroup, which costs less than a second dispatch would.
  while (span < 128 && 2 * span <= k8 && (n / 4) * span < ENOUGH_LANES) span *= 2;
  return `spans-${span}x128`;
}

/** Whether the layout taken where none was chosen can norm its input; in `rows` each lane would have to do that again. */
export function matvecNorms(
  adapter: AdapterReport["kind"],
  matrix: Pick<Matrix, "form" | "shape">,
  subgroupSize = 0,
): boolean {
  return matvecDefault(adapter, matrix, subgroupSize) !== "rows";
}

/**
 * @throws {RangeError} for a name that is no variant's.
 * @throws {TypeError} for a norm in the layout `rows`, whose lanes would each have to compute it.
 */
export function matvecLayout(
  variant: string,
  { shape: [, k] }: Matrix,
  norm?: InputNorm,
  subgroupSize = 0,
): MatvecLayout {
  const { lanes: LANES, span: SPAN, teams } = variantNamed(VARIANTS, variant);
  const normed = [inputPart(k), norm ? norms.rms : norms.none];
  const normConstants = norm && { EPS: norm.eps, UNIT_OFFSET: norm.unitOffset ?? 0 };
  if (teams) {
    // Subgroups may turn out larger than the least: then each takes several turns.
    const QUADS = LANES / Math.min(LANES, Math.max(4, subgroupSize));
    const constants = { LANES, QUADS, K: k, ...normConstants };
    return { parts: [lanesWorkgroup, ...normed, teamsPart], constants, rowsPerWorkgroup: 4 * QUADS };
  }
  if (variant === "subgroups") {
    const constants = { LANES, K: k, ...normConstants };
    return { parts: [lanesWorkgroup, ...normed, subgroupPart], constants, rowsPerWorkgroup: 4 * LANES };
  }
  if (SPAN === undefined) {
    if (norm) throw new TypeError(`In the layout ${variant} the norm is a dispatch of its own. Use rmsNorm before.`);
    return { parts: [lanesWorkgroup, inputPart(k), rowsPart], constants: { LANES, K: k }, rowsPerWorkgroup: 4 * LANES };
  }
  const TILE8 = Math.min(paddedColumns(k) / 8, 256); // at most 8 KiB of x in workgroup memory
  return {
    parts: [lanesWorkgroup, ...normed, spansWorkgroup, gpuPart],
    constants: { LANES, SPAN, TILE8, K: k, ...normConstants },
    rowsPerWorkgroup: 4 * (LANES / SPAN),
  };
}

const gpuPart = { name: "matvec.wgsl", wgsl };
const subgroupPart: Part = { name: "matvec-subgroup.wgsl", wgsl: subgroupWgsl, enable: ["subgroups"] };
const teamsPart: Part = { name: "matvec-teams.wgsl", wgsl: teamsWgsl, enable: ["subgroups"] };
const rowsPart = { name: "matvec-rows.wgsl", wgsl: rowsWgsl };
