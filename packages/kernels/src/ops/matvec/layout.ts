import type { Part, TensorRef } from "../../dispatch.js";
import type { AdapterReport } from "../../gpu/device.js";
import { type Matrix, paddedColumns } from "../../matrix.js";
import { inputPart, lanesWorkgroup, norms, spansWorkgroup } from "../../parts/index.js";
import { variantNamed } from "../../parts/variant-named.js";
import wgsl from "./matvec.wgsl?raw";
import rowsWgsl from "./matvec-rows.wgsl?raw";

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

/**
 * The layouts by name. `rows`: each lane makes four rows by itself, for adapters that are a CPU, and the plain one that the
 * others are checked against. `spans-SxL`: S of a workgroup's L lanes share four rows.
 */
const VARIANTS: Readonly<Record<string, { readonly lanes: number; readonly span?: number }>> = {
  rows: { lanes: 16 },
  "spans-8x64": { lanes: 64, span: 8 },
  "spans-16x64": { lanes: 64, span: 16 },
  "spans-32x64": { lanes: 64, span: 32 },
  "spans-8x128": { lanes: 128, span: 8 },
  "spans-16x128": { lanes: 128, span: 16 },
  "spans-32x128": { lanes: 128, span: 32 },
};

/** Names of the layouts of matvec, qkv and gateUp. */
export const MATVEC_VARIANTS: readonly string[] = Object.keys(VARIANTS);

/** The layout taken where none was chosen. */
export function matvecDefault(adapter: AdapterReport["kind"], { shape: [, k] }: Matrix): string {
  if (adapter === "software") return "rows";
  const k8 = paddedColumns(k) / 8;
  // Lanes that split K: enough to read whole memory sectors, few enough that each still adds up several eights.
  return `spans-${k8 >= 128 ? 32 : k8 >= 64 ? 16 : 8}x128`;
}

/**
 * @throws {RangeError} for a name that is no variant's.
 * @throws {TypeError} for a norm in the layout `rows`, whose lanes would each have to compute it.
 */
export function matvecLayout(variant: string, { shape: [, k] }: Matrix, norm?: InputNorm): MatvecLayout {
  const { lanes: LANES, span: SPAN } = variantNamed(VARIANTS, variant);
  if (SPAN === undefined) {
    if (norm) throw new TypeError("In the layout rows the norm is a dispatch of its own. Use rmsNorm before.");
    return { parts: [lanesWorkgroup, inputPart(k), rowsPart], constants: { LANES, K: k }, rowsPerWorkgroup: 4 * LANES };
  }
  const TILE8 = Math.min(paddedColumns(k) / 8, 256); // at most 8 KiB of x in workgroup memory
  return {
    parts: [lanesWorkgroup, inputPart(k), norm ? norms.rms : norms.none, spansWorkgroup, gpuPart],
    constants: { LANES, SPAN, TILE8, K: k, ...(norm && { EPS: norm.eps, UNIT_OFFSET: norm.unitOffset ?? 0 }) },
    rowsPerWorkgroup: 4 * (LANES / SPAN),
  };
}

const gpuPart = { name: "matvec.wgsl", wgsl };
const rowsPart = { name: "matvec-rows.wgsl", wgsl: rowsWgsl };
