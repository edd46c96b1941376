import type { Dispatch, TensorRef } from "../../dispatch.js";
import { step as stepPart } from "../../parts/index.js";
import wgsl from "./advance.wgsl?raw";

export interface AdvanceInputs {
  /** `[1]` u32: the token picked after this pass. */
  readonly token: TensorRef;
  /** `[2]` u32: position and count; becomes `[position + count, 1]`. */
  readonly step: TensorRef;
  /** `[T]` u32: input of the next pass; its first element becomes the token. */
  readonly ids: TensorRef;
  /** `[capacity + 1]` u32: tokens by their place; element `position + count` becomes the token, if there is one. */
  readonly history: TensorRef;
}

/** Closes a decode step: the picked token becomes the next pass's input, and the position moves past this pass. */
export function advance({ token, step, ids, history }: AdvanceInputs): Dispatch {
  return {
    label: "advance",
    kernel: { parts: [stepPart, kernelPart], constants: {} },
    buffers: [token, step, ids, history],
    workgroups: [1, 1, 1],
    cost: { bytes: 28, flops: 0 },
  };
}

const kernelPart = { name: "advance.wgsl", wgsl };
