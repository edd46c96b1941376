import type { Part, TensorRef } from "../../dispatch.js";
import type { AdapterReport } from "../../gpu/device.js";
import { type Matrix, paddedColumns } from "../../matrix.js";
import { inputPart, lanesWorkgroup, norms, spansWorkgroup } from "../../parts/index.js";
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

/** @throws {TypeError} for a norm on a software adapter, whose lanes would each have to compute it. */
export function matvecLayout(adapter: AdapterReport["kind"], { shape: [, k] }: Matrix, norm?: InputNorm): MatvecLayout {
  const k8 = paddedColumns(k) / 8;
  if (adapter === "software") {
    if (norm) throw new TypeError("On a software adapter the norm is a dispatch of its own. Use rmsNorm before.");
    const LANES = 16;
    return { parts: [lanesWorkgroup, inputPart(k), rowsPart], constants: { LANES, K: k }, rowsPerWorkgroup: 4 * LANES };
  }
  const LANES = 128;
  // Lanes that split K: enough to read whole memory sectors, few enough that each still adds up several eights.
  const SPAN = k8 >= 128 ? 32 : k8 >= 64 ? 16 : 8;
  const TILE8 = Math.min(k8, 256); // at most 8 KiB of x in workgroup memory
  return {
    parts: [lanesWorkgroup, inputPart(k), norm ? norms.rms : norms.none, spansWorkgroup, gpuPart],
    constants: { LANES, SPAN, TILE8, K: k, ...(norm && { EPS: norm.eps, UNIT_OFFSET: norm.unitOffset ?? 0 }) },
    rowsPerWorkgroup: 4 * (LANES / SPAN),
  };
}

const gpuPart = { name: "matvec.wgsl", wgsl };
const rowsPart = { name: "matvec-rows.wgsl", wgsl: rowsWgsl };
