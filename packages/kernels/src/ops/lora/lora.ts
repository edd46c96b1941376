import { type Dispatch, elementCount, type TensorRef } from "../../dispatch.js";
import type { AdapterReport } from "../../gpu/device.js";
import { ShapeError } from "../../gpu/errors.js";
import { lanesWorkgroup, step as stepPart } from "../../parts/index.js";
import downWgsl from "./lora-down.wgsl?raw";
import downOperandsWgsl from "./lora-down-operands.wgsl?raw";
import downRowsWgsl from "./lora-down-rows.wgsl?raw";
import upWgsl from "./lora-up.wgsl?raw";

/** Rows of y that are one projection, and the ranks of the adapters it has. */
export interface LoraPart {
  readonly firstRow: number;
  readonly rows: number;
  readonly firstRank: number;
  readonly ranks: number;
}

/** The adapters of one projection, or of several that were merged into one. */
export interface LoraWeights {
  /** `[R, K]` f32: each A, `[r, K]`, one below the other. */
  readonly a: TensorRef;
  /** `[R]` f32: of each row of A, the factor of its adapter. */
  readonly scales: TensorRef;
  /** f32: each part's `[ranks, rows]`, the transposed B of its adapters one below the other. */
  readonly b: TensorRef;
  /** One to four. */
  readonly parts: readonly LoraPart[];
}

export interface LoraInputs {
  /** `[2]` u32: position and count; tokens at or past count are left alone. */
  readonly step: TensorRef;
  /** `[T, K]`: the input of the projection. */
  readonly x: TensorRef;
  readonly weights: LoraWeights;
  /** `[T, R]`, scratch. */
  readonly inner: TensorRef;
  /** `[T, N]`: the output of the projection, which is added to. */
  readonly y: TensorRef;
  /** What the kernel is laid out for, `gpu` unless said: same result, another speed. */
  readonly adapter?: AdapterReport["kind"];
}

/**
 * Low-rank adapters beside a projection, without merging: `y += B (scale · (A x))`, in f32. Two dispatches for all adapters
 * together. arXiv:2106.09685.
 *
 * @throws {@link ShapeError} when the tensors do not fit each other.
 */
export function lora({ step, x, weights, inner, y, adapter = "gpu" }: LoraInputs): Dispatch[] {
  const { a, scales, b, parts } = weights;
  const [ranks = 0, k = 0] = a.shape;
  const n = y.shape.at(-1) ?? 0;
  const tokens = elementCount(x.shape) / k;
  const inB = parts.reduce((sum, part) => sum + part.ranks * part.rows, 0);
  const inside = parts.every((part) => part.firstRow + part.rows <= n && part.firstRank + part.ranks <= ranks);
  const fits =
    inside &&
    parts.length >= 1 &&
    parts.length <= MOST_PARTS &&
    x.shape.at(-1) === k &&
    elementCount(scales.shape) === ranks &&
    elementCount(b.shape) === inB &&
    elementCount(inner.shape) === tokens * ranks &&
    elementCount(y.shape) === tokens * n;
  if (!fits) {
    throw new ShapeError(
      `lora: A [${a.shape}], scales [${scales.shape}], B [${b.shape}] and ${parts.length} parts do not fit x [${x.shape}], inner [${inner.shape}] and y [${y.shape}].`,
    );
  }
  const rows = Math.max(...parts.map((part) => part.rows));
  return [
    {
      label: `lora down ${tokens}x${ranks}x${k}`,
      kernel:
        adapter === "gpu"
          ? { parts: [stepPart, lanesWorkgroup, downOperandsPart, downPart], constants: { LANES } }
          : { parts: [stepPart, lanesWorkgroup, downOperandsPart, downRowsPart], constants: { LANES: ROW_LANES } },
      buffers: [step, x, a, scales, inner],
      uniforms: [k, ranks],
      workgroups: [adapter === "gpu" ? ranks : Math.ceil(ranks / ROW_LANES), tokens, 1],
      cost: { bytes: 4 * (ranks * k + tokens * (k + ranks)), flops: 2 * tokens * ranks * k },
    },
    {
      label: `lora up ${tokens}x${n}x${ranks}`,
      kernel: { parts: [stepPart, lanesWorkgroup, upPart], constants: { LANES } },
      buffers: [step, inner, b, y],
      uniforms: [
        ...[n, ranks, 0, 0],
        ...Array.from({ length: MOST_PARTS }, (_, i) => parts[i]).flatMap((part) =>
          part ? [part.firstRow, part.rows, part.firstRank, part.ranks] : [0, 0, 0, 0],
        ),
      ],
      workgroups: [Math.ceil(rows / LANES), tokens, parts.length],
      cost: { bytes: 4 * (inB + tokens * (ranks + 2 * n)), flops: 2 * tokens * inB },
    },
  ];
}

const LANES = 64;
const ROW_LANES = 8; // numbers that a workgroup makes where each lane works by itself
const MOST_PARTS = 4;
const downOperandsPart = { name: "lora-down-operands.wgsl", wgsl: downOperandsWgsl };
const downPart = { name: "lora-down.wgsl", wgsl: downWgsl };
const downRowsPart = { name: "lora-down-rows.wgsl", wgsl: downRowsWgsl };
const upPart = { name: "lora-up.wgsl", wgsl: upWgsl };
