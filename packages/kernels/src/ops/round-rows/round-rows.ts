import { type Dispatch, type Part, sizeOf, spread, type TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { lanesWorkgroup, step as stepPart } from "../../parts/index.js";
import wgsl from "./round-rows.wgsl?raw";

/** Where rows of bytes go: tensors that only hold them until they are multiplied. */
export interface RoundedRows {
  /** `[T, K / 4]` u32: four signed bytes to a word. */
  readonly bytes: TensorRef;
  /** `[T, K / 16]` f32: for each 32 columns their scale, and the scale times the sum of their bytes. */
  readonly scales: TensorRef;
}

export interface RoundRowsInputs {
  /** `[2]` u32: position and count; rows at or past count are left alone. */
  readonly step: TensorRef;
  /** `[T, K]`, K a multiple of 32. */
  readonly x: TensorRef;
  readonly rounded: RoundedRows;
  /** Within each eight columns the even before the odd. */
  readonly evenOdd: boolean;
}

/** The WGSL language feature that these bytes need; not every browser and device has it. */
export const DOT_FEATURE = "packed_4x8_integer_dot_product";

/** Shapes of the tensors that `roundRows` fills. */
export function roundedShapes(
  t: number,
  k: number,
): { readonly bytes: [number, number]; readonly scales: [number, number] } {
  return { bytes: [t, k / 4], scales: [t, k / 16] };
}

/**
 * Rounds rows to signed bytes with a scale for every 32 columns: what integer dot products take. Needs {@link DOT_FEATURE}.
 *
 * @throws {@link ShapeError} when K is no multiple of 32 or the outputs do not hold the rows.
 */
export function roundRows({ step, x, rounded: { bytes, scales }, evenOdd }: RoundRowsInputs): Dispatch {
  const [t = 0, k = 0] = x.shape;
  const shapes = roundedShapes(t, k);
  if (
    x.shape.length !== 2 ||
    k % 32 !== 0 ||
    `${bytes.shape}` !== `${shapes.bytes}` ||
    `${scales.shape}` !== `${shapes.scales}`
  ) {
    throw new ShapeError(
      `roundRows: x [${x.shape}], bytes [${bytes.shape}] and scales [${scales.shape}]; [T, K], [T, K / 4] and [T, K / 16] with K a multiple of 32 were expected.`,
    );
  }
  return {
    label: `roundRows ${t}x${k}`,
    kernel: {
      parts: [stepPart, lanesWorkgroup, roundRowsPart],
      constants: { LANES, K32: k / 32, EVEN_ODD: evenOdd ? 1 : 0 },
    },
    buffers: [step, x, bytes, scales],
    workgroups: spread(Math.ceil((t * k) / 32 / LANES)),
    cost: { bytes: sizeOf(x) + sizeOf(bytes) + sizeOf(scales), flops: 4 * t * k },
  };
}

const LANES = 64;
const roundRowsPart: Part = { name: "round-rows.wgsl", wgsl, requires: [DOT_FEATURE] };
