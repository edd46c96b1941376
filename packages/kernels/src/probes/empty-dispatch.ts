import type { Dispatch, TensorRef } from "../dispatch.js";
import wgsl from "./empty-dispatch.wgsl?raw";

/** Adds 1 to `value`, `[1]` u32, in one thread: the dispatch probe. Run it many times over, each depends on the last. */
export function emptyDispatch(value: TensorRef): Dispatch {
  return {
    label: "emptyDispatch",
    kernel: { parts: [{ name: "empty-dispatch.wgsl", wgsl }], constants: {} },
    buffers: [value],
    workgroups: [1, 1, 1],
    cost: { bytes: 8, flops: 0 },
  };
}
