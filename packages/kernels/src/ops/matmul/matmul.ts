import { type Dispatch, type Part, sizeOf, type TensorRef } from "../../dispatch.js";
import type { AdapterReport } from "../../gpu/device.js";
import { ShapeError } from "../../gpu/errors.js";
import type { Matrix, MatrixForm } from "../../matrix.js";
import { inputPart, lanesWorkgroup, step as stepPart } from "../../parts/index.js";
import { variantNamed } from "../../parts/variant-named.js";
import { bytesPart, packedPart, weightAccess } from "../../parts/weights.js";
import { DOT_FEATURE, type RoundedRows, roundRows } from "../round-rows/round-rows.js";
import wgsl from "./matmul.wgsl?raw";
import dotWgsl from "./matmul-dot.wgsl?raw";
import operandsWgsl from "./matmul-operands.wgsl?raw";
import packedWgsl from "./matmul-packed.wgsl?raw";
import rowsWgsl from "./matmul-rows.wgsl?raw";
import subgroupWgsl from "./matmul-subgroup.wgsl?raw";
import tile32x32x32Wgsl from "./tile-32x32x32.wgsl?raw";
import tile32x64x32Wgsl from "./tile-32x64x32.wgsl?raw";
import tile64x64x16Wgsl from "./tile-64x64x16.wgsl?raw";
import tileN64Wgsl from "./tile-n64.wgsl?raw";
import tileN128Wgsl from "./tile-n128.wgsl?raw";

export interface MatmulInputs {
  /** `[2]` u32: position and count; tokens at or past count are left alone. */
  readonly step: TensorRef;
  /** `[T, K]`. */
  readonly x: TensorRef;
  /** `[N, K]`, in any form. */
  readonly matrix: Matrix;
  /** `[T, N]`. */
  readonly y: TensorRef;
  /** `[T, N]`, added to the product; a buffer other than y's. */
  readonly residual?: TensorRef;
  /** `[N]`, added to each token's product. */
  readonly bias?: TensorRef;
  /** Room for x as bytes. With it the variants may include one that rounds x; without it all keep to f32. */
  readonly rounded?: RoundedRows | undefined;
  /** What the kernel is laid out for, `gpu` unless said: same result, another speed. */
  readonly adapter?: AdapterReport["kind"];
  /** Least lanes of the device's subgroups, 0 unless said. Software adapters with eight or more have a layout of their own. */
  readonly subgroupSize?: number | undefined;
  /** One of `matmulVariants`; default: the adapter's. */
  readonly variant?: string | undefined;
}

/**
 * `Y = X Wᵀ (+ residual) (+ bias)` for many tokens, in f32: the projections of a prefill chunk. One dispatch a row block.
 *
 * @throws {@link ShapeError} when x, y, residual or bias do not fit the matrix.
 */
export function matmul({
  step,
  x,
  matrix,
  y,
  residual,
  bias,
  rounded,
  adapter = "gpu",
  subgroupSize = 0,
  variant,
}: MatmulInputs): Dispatch[] {
  const [n, k] = matrix.shape;
  const t = x.shape[0] ?? 0;
  expectShape("x", x, [t, k], matrix);
  expectShape("y", y, [t, n], matrix);
  if (residual) expectShape("residual", residual, [t, n], matrix);
  if (bias) expectShape("bias", bias, [n], matrix);

  const layout = variantNamed(VARIANTS, variant ?? matmulDefault(adapter, subgroupSize));
  const { constants, tokens, rows } = layout;
  if (layout.dots && !(rounded && dotsFit(matrix))) {
    throw new TypeError(
      `matmul: the layout with integer dot products needs room for x as bytes, and int4 or int8 in groups of whole 32s; ${matrix.name} is ${matrix.form.kind} [${matrix.shape}]${rounded ? "" : ", and there is no room"}.`,
    );
  }
  const bytes = layout.dots ? rounded : undefined;
  const inputs = bytes ? [bytesPart(matrix.form)] : [inputPart(k), ...(layout.packed ? [packedPart(matrix.form)] : [])];
  const before = bytes ? [roundRows({ step, x, rounded: bytes, evenOdd: matrix.form.kind === "int4" })] : [];
  const products = matrix.blocks.map((block): Dispatch => {
    const access = weightAccess(matrix, block);
    return {
      label: `matmul ${t}x${block.rows}x${k} ${matrix.form.kind}`,
      kernel: {
        parts: [stepPart, ...access.parts, ...inputs, operandsPart, ...layout.parts],
        constants: {
          ...access.constants,
          ...constants,
          ROWS: block.rows,
          FIRST_ROW: block.firstRow,
          N: n,
          K: k,
          RESIDUAL: residual ? 1 : 0,
          BIAS: bias ? 1 : 0,
        },
      },
      // What is absent is bound to x and not read.
      buffers: [
        ...access.buffers,
        bytes?.bytes ?? x,
        y,
        residual ?? x,
        bias ?? x,
        step,
        ...(bytes ? [bytes.scales] : []),
      ],
      workgroups: [Math.ceil(block.rows / rows), Math.max(1, Math.ceil(t / tokens)), 1],
      cost: {
        bytes:
          sizeOf(block.values) +
          (block.groups ? sizeOf(block.groups) : 0) +
          4 * t * (k + block.rows * (residual ? 2 : 1)) +
          (bias ? 4 * block.rows : 0),
        flops: 2 * t * block.rows * k,
      },
    };
  });
  return [...before, ...products];
}

/** Whether integer dot products can do a matrix: 32 columns share their scale, in x and in the weights. */
export function dotsFit({ shape: [, k], form }: Matrix): boolean {
  return k % 32 === 0 && "groupSize" in form && form.groupSize % 32 === 0;
}

function expectShape(name: string, { shape }: TensorRef, expected: readonly number[], matrix: Matrix): void {
  if (shape.length !== expected.length || shape.some((dim, axis) => dim !== expected[axis])) {
    throw new ShapeError(
      `matmul: ${matrix.name} is [${matrix.shape}], so ${name} must be [${expected}]; found [${shape}].`,
    );
  }
}

/** The layout that rounds its input to bytes: not exact, and for `precision: "fast"` alone. */
export const DOTS = "dots-64x64";

const LEAST_SUBGROUP = 8; // lanes that hand x to each other in the layout subgroups

interface MatmulLayout {
  readonly parts: readonly Part[];
  readonly constants: Readonly<Record<string, number>>;
  /** The forms whose weights stay packed in workgroup memory; absent where any form will do. */
  readonly packed?: readonly MatrixForm["kind"][];
  /** Multiplies bytes: x is rounded first, and `dotsFit` says for which matrices. */
  readonly dots?: boolean;
  /** Tokens and rows of W that one workgroup makes. */
  readonly tokens: number;
  readonly rows: number;
}

/** A workgroup shares a tile in workgroup memory: tokens x rows x columns, as in the part's name. */
function tiled(tokens: number, rows: number, tile: Part): MatmulLayout {
  return { parts: [tile, { name: "matmul.wgsl", wgsl }], constants: {}, tokens, rows };
}

/** The same with quantised weights kept packed, and eight tokens x eight rows a lane. */
function packed(kinds: readonly MatrixForm["kind"][], rows: number, tile: Part): MatmulLayout {
  const parts = [tile, { name: "matmul-packed.wgsl", wgsl: packedWgsl }];
  return { parts, constants: {}, packed: kinds, tokens: 64, rows };
}

/** The layouts by name. `rows`: each lane by itself, for adapters that are a CPU, and the plain one that the others are checked against. */
const VARIANTS: Readonly<Record<string, MatmulLayout>> = {
  rows: {
    parts: [lanesWorkgroup, { name: "matmul-rows.wgsl", wgsl: rowsWgsl }],
    constants: { LANES: 16 },
    tokens: 4,
    rows: 8 * 16,
  },
  subgroups: {
    parts: [lanesWorkgroup, { name: "matmul-subgroup.wgsl", wgsl: subgroupWgsl, enable: ["subgroups"] }],
    constants: { LANES: LEAST_SUBGROUP },
    tokens: 8,
    rows: 4 * LEAST_SUBGROUP,
  },
  "tile-32x64x32": tiled(32, 64, { name: "tile-32x64x32.wgsl", wgsl: tile32x64x32Wgsl }),
  "tile-32x32x32": tiled(32, 32, { name: "tile-32x32x32.wgsl", wgsl: tile32x32x32Wgsl }),
  "tile-64x64x16": tiled(64, 64, { name: "tile-64x64x16.wgsl", wgsl: tile64x64x16Wgsl }),
  "packed-64x64": packed(["int4", "int8"], 64, { name: "tile-n64.wgsl", wgsl: tileN64Wgsl }),
  "packed-64x128": packed(["int4"], 128, { name: "tile-n128.wgsl", wgsl: tileN128Wgsl }),
  [DOTS]: {
    parts: [{ name: "matmul-dot.wgsl", wgsl: dotWgsl, requires: [DOT_FEATURE] }],
    constants: {},
    dots: true,
    tokens: 64,
    rows: 64,
  },
};

/** Names of the layouts of matmul that can do a matrix on a device with such subgroups, and with room for x as bytes or not. */
export function matmulVariants(matrix: Matrix, subgroupSize = 0, rounded?: RoundedRows): string[] {
  return Object.entries(VARIANTS).flatMap(([name, { packed, dots }]) => {
    if (packed && !packed.includes(matrix.form.kind)) return [];
    if (dots && !(rounded && dotsFit(matrix))) return [];
    return name === "subgroups" && subgroupSize < LEAST_SUBGROUP ? [] : [name];
  });
}

/** The layout taken where none was chosen. */
export function matmulDefault(adapter: AdapterReport["kind"], subgroupSize = 0): string {
  if (adapter === "gpu") return "tile-32x64x32";
  return subgroupSize >= LEAST_SUBGROUP ? "subgroups" : "rows";
}

const operandsPart = { name: "matmul-operands.wgsl", wgsl: operandsWgsl };
