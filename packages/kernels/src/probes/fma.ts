import { type Dispatch, elementCount, type TensorRef } from "../dispatch.js";
import { ShapeError } from "../gpu/errors.js";
import { lanesWorkgroup } from "../parts/index.js";
import wgsl from "./fma.wgsl?raw";

/** The most rounds whose outcome is exact in f32. */
export const MAX_FMA_ROUNDS = 2 ** 17;

export interface FmaInputs {
  /** `[lanes]` f32: each becomes `fmaOutcome(rounds)`. */
  readonly y: TensorRef;
  /** 64 multiply-adds a lane each, up to `MAX_FMA_ROUNDS`. */
  readonly rounds: number;
}

/**
 * Multiply-adds in registers: the arithmetic probe.
 *
 * @throws {@link ShapeError} when there are more rounds than f32 counts exactly.
 */
export function fma({ y, rounds }: FmaInputs): Dispatch {
  const lanes = elementCount(y.shape);
  if (rounds < 1 || rounds > MAX_FMA_ROUNDS) {
    throw new ShapeError(`fma: ${rounds} rounds; from 1 to ${MAX_FMA_ROUNDS} are counted exactly.`);
  }
  return {
    label: `fma ${lanes}x${rounds}`,
    kernel: { parts: [lanesWorkgroup, { name: "fma.wgsl", wgsl }], constants: { LANES } },
    uniforms: [rounds, ONE, ONE],
    buffers: [y],
    workgroups: [Math.ceil(lanes / LANES), 1, 1],
    cost: { bytes: 4 * lanes, flops: 2 * 64 * lanes * rounds },
  };
}

/** What every lane of `fma` ends with: sixteen chains that began at 0 to 15 and went up by 4 a round. */
export function fmaOutcome(rounds: number): number {
  return 16 * 4 * rounds + 120;
}

const LANES = 256;
const ONE = 0x3f80_0000; // 1 as f32 bits
