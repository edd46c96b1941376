import { type Dispatch, elementCount, sizeOf, spread, type TensorRef } from "../dispatch.js";
import { lanesWorkgroup } from "../parts/index.js";
import wgsl from "./fill-ramp.wgsl?raw";

/** `words[i] = i`: something to read whose sum is known. `words` is `[N]` u32. */
export function fillRamp(words: TensorRef): Dispatch {
  return {
    label: `fillRamp ${words.shape}`,
    kernel: { parts: [lanesWorkgroup, { name: "fill-ramp.wgsl", wgsl }], constants: { SPAN, LANES: 64 } },
    buffers: [words],
    workgroups: spread(Math.ceil(elementCount(words.shape) / SPAN)),
    cost: { bytes: sizeOf(words), flops: 0 },
  };
}

const SPAN = 4096;
