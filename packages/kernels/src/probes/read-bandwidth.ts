import { type Dispatch, elementCount, sizeOf, type TensorRef } from "../dispatch.js";
import { ShapeError } from "../gpu/errors.js";
import { lanesWorkgroup } from "../parts/index.js";
import wgsl from "./read-bandwidth.wgsl?raw";

export interface ReadBandwidthInputs {
  /** `[N]` u32, N a multiple of 4. */
  readonly words: TensorRef;
  /** `[lanes]` u32: what each of as many lanes summed, modulo 2^32. */
  readonly sums: TensorRef;
}

/**
 * Reads every word of a tensor once: the bandwidth probe.
 *
 * @throws {@link ShapeError} when the words do not make whole vectors of four.
 */
export function readBandwidth({ words, sums }: ReadBandwidthInputs): Dispatch {
  const count = elementCount(words.shape);
  const lanes = elementCount(sums.shape);
  if (count % 4 !== 0 || lanes < 1 || lanes > 65_535 * LANES) {
    throw new ShapeError(
      `readBandwidth: words are [${words.shape}] and sums [${sums.shape}]; it takes a multiple of 4 words and 1 to ${65_535 * LANES} sums.`,
    );
  }
  return {
    label: `readBandwidth ${count}`,
    kernel: { parts: [lanesWorkgroup, { name: "read-bandwidth.wgsl", wgsl }], constants: { LANES } },
    buffers: [words, sums],
    workgroups: [Math.ceil(lanes / LANES), 1, 1],
    cost: { bytes: sizeOf(words) + sizeOf(sums), flops: 0 },
  };
}

const LANES = 256;
