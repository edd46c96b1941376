import { type Dispatch, reshape, sizeOf, spread, type TensorRef } from "../../dispatch.js";
import type { AdapterReport } from "../../gpu/device.js";
import { ShapeError } from "../../gpu/errors.js";
import { type Matrix, paddedColumns } from "../../matrix.js";
import { inputPart, lanesWorkgroup, step as stepPart } from "../../parts/index.js";
import { bytesPart, packedPart, weightAccess } from "../../parts/weights.js";
import { type RoundedRows, roundRows } from "../round-rows/round-rows.js";
import { dotsFit, matmulDefault, matmulLayout } from "./layout.js";
import operandsWgsl from "./matmul-operands.wgsl?raw";
import sliceWgsl from "./matmul-slice.wgsl?raw";
import sumWgsl from "./matmul-sum.wgsl?raw";
import wholeWgsl from "./matmul-whole.wgsl?raw";

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
  /** Whether the variants may include one that multiplies in f16, which needs `shader-f16`. */
  readonly halves?: boolean;
  /** Room for what slices of K find, at least of the shape that `matmulPartials` gives. Without it no default splits K. */
  readonly partials?: TensorRef | undefined;
  /** What the kernel is laid out for, `gpu` unless said: same result, another speed. */
  readonly adapter?: AdapterReport["kind"];
  /** Least lanes of the device's subgroups, 0 unless said. Software adapters with eight or more have a layout of their own. */
  readonly subgroupSize?: number | undefined;
  /** One of `matmulVariants`; default: the adapter's. */
  readonly variant?: string | undefined;
}

/**
 * `Y = X Wᵀ (+ residual) (+ bias)` for many tokens: the projections of a prefill chunk, in f32 unless a layout for
 * `precision: "fast"` is named. One dispatch a row block; layouts that split K add one for all blocks, which sums their slices in a fixed order.
 *
 * @throws {@link ShapeError} when x, y, residual or bias do not fit the matrix.
 * @throws {TypeError} for a layout without the room it needs, or one that cannot do the matrix.
 */
export function matmul(inputs: MatmulInputs): Dispatch[] {
  const { step, x, matrix, y, residual, bias, rounded, partials } = inputs;
  const [n, k] = matrix.shape;
  const t = x.shape[0] ?? 0;
  expectShape("x", x, [t, k], matrix);
  expectShape("y", y, [t, n], matrix);
  if (residual) expectShape("residual", residual, [t, n], matrix);
  if (bias) expectShape("bias", bias, [n], matrix);

  const variant = inputs.variant ?? matmulDefault(inputs, partials !== undefined);
  const layout = matmulLayout(variant);
  const { slices } = layout;
  if (layout.dots && !(rounded && dotsFit(matrix))) {
    throw new TypeError(
      `matmul: the layout with integer dot products needs room for x as bytes, and int4 or int8 in groups of whole 32s; ${matrix.name} is ${matrix.form.kind} [${matrix.shape}]${rounded ? "" : ", and there is no room"}.`,
    );
  }
  if (slices > 1 && !partials) {
    throw new TypeError(
      `matmul: the layout ${variant} needs room for ${slices} slices of [${t}, ${n}] values. Give it partials of the shape that matmulPartials returns.`,
    );
  }
  const bytes = layout.dots ? rounded : undefined;
  const found = slices > 1 && partials ? reshape(partials, [t, slices, n]) : undefined;
  const reading = bytes
    ? [bytesPart(matrix.form)]
    : [inputPart(k), ...(layout.packed ? [packedPart(matrix.form)] : [])];
  const writing = found ? [slicePart] : [wholePart];
  const before = bytes ? [roundRows({ step, x, rounded: bytes, evenOdd: matrix.form.kind === "int4" })] : [];
  // Of whole fours, so that every tile's columns lie in one slice.
  const SLICE8 = 4 * Math.ceil(paddedColumns(k) / 8 / slices / 4);
  const products = matrix.blocks.map((block): Dispatch => {
    const access = weightAccess(matrix, block);
    const terms = residual && !found ? 2 : 1;
    return {
      label: `matmul ${t}x${block.rows}x${k} ${matrix.form.kind}`,
      kernel: {
        parts: [stepPart, ...access.parts, ...reading, operandsPart, ...writing, ...layout.parts],
        constants: {
          ...access.constants,
          ...layout.constants,
          ROWS: block.rows,
          FIRST_ROW: block.firstRow,
          N: n,
          K: k,
          ...(found ? { SLICES: slices, SLICE8 } : { RESIDUAL: residual ? 1 : 0, BIAS: bias ? 1 : 0 }),
        },
      },
      // What is absent is bound to x and not read.
      buffers: [
        ...access.buffers,
        bytes?.bytes ?? x,
        ...(found ? [found, step] : [y, step, residual ?? x, bias ?? x]),
        ...(bytes ? [bytes.scales] : []),
      ],
      workgroups: [Math.ceil(block.rows / layout.rows), Math.max(1, Math.ceil(t / layout.tokens)), slices],
      cost: {
        bytes:
          sizeOf(block.values) +
          (block.groups ? sizeOf(block.groups) : 0) +
          4 * t * (k + slices * block.rows * terms) +
          (bias && !found ? 4 * block.rows : 0),
        flops: 2 * t * block.rows * k,
      },
    };
  });
  return [...before, ...products, ...(found ? [sumSlices(inputs, found)] : [])];
}

/** The room that matmul needs for slices of K, `[T, slices, N]`, in the layout named or the one it takes by default; nothing where K stays whole. */
export function matmulPartials(inputs: Omit<MatmulInputs, "y">): [t: number, slices: number, n: number] | undefined {
  const { slices } = matmulLayout(inputs.variant ?? matmulDefault(inputs, true));
  return slices > 1 ? [inputs.x.shape[0] ?? 0, slices, inputs.matrix.shape[0]] : undefined;
}

function sumSlices({ step, x, y, residual, bias }: MatmulInputs, partials: TensorRef): Dispatch {
  const [t = 0, slices = 0, n = 0] = partials.shape;
  return {
    label: `matmul sum ${t}x${slices}x${n}`,
    kernel: {
      parts: [stepPart, lanesWorkgroup, sumPart],
      constants: { LANES: SUM_LANES, N: n, SLICES: slices, RESIDUAL: residual ? 1 : 0, BIAS: bias ? 1 : 0 },
    },
    // What is absent is bound to x and not read.
    buffers: [step, partials, y, residual ?? x, bias ?? x],
    workgroups: spread(Math.ceil((t * n) / SUM_LANES)),
    cost: {
      bytes: sizeOf(partials) + sizeOf(y) * (residual ? 2 : 1) + (bias ? sizeOf(bias) : 0),
      flops: t * n * slices,
    },
  };
}

function expectShape(name: string, { shape }: TensorRef, expected: readonly number[], matrix: Matrix): void {
  if (shape.length !== expected.length || shape.some((dim, axis) => dim !== expected[axis])) {
    throw new ShapeError(
      `matmul: ${matrix.name} is [${matrix.shape}], so ${name} must be [${expected}]; found [${shape}].`,
    );
  }
}

const SUM_LANES = 64;

const operandsPart = { name: "matmul-operands.wgsl", wgsl: operandsWgsl };
const wholePart = { name: "matmul-whole.wgsl", wgsl: wholeWgsl };
const slicePart = { name: "matmul-slice.wgsl", wgsl: sliceWgsl };
const sumPart = { name: "matmul-sum.wgsl", wgsl: sumWgsl };
