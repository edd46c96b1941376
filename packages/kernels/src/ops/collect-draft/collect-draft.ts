import type { Dispatch, TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { lanesWorkgroup, step as stepPart } from "../../parts/index.js";
import wgsl from "./collect-draft.wgsl?raw";

export interface CollectDraftInputs {
  /** `[2]` u32: the draft's position is that of its last proposal. */
  readonly draftStep: TensorRef;
  /** `[N]` u32: the draft's tokens by their place. */
  readonly draftHistory: TensorRef;
  /** `[2]` u32: position of the last token that stands; count becomes 1 and one for each proposal. */
  readonly step: TensorRef;
  /** `[T]` u32: the first is the last token that stands; at most T - 1 proposals follow it. */
  readonly ids: TensorRef;
}

/**
 * Hands what a draft proposed to the model that judges it, without the host.
 *
 * @throws {@link ShapeError} when a step is not two words.
 */
export function collectDraft({ draftStep, draftHistory, step, ids }: CollectDraftInputs): Dispatch {
  if (draftStep.shape[0] !== 2 || step.shape[0] !== 2) {
    throw new ShapeError(`collectDraft: steps are [${draftStep.shape}] and [${step.shape}]; both must be [2].`);
  }
  return {
    label: `collectDraft ${ids.shape}`,
    kernel: { parts: [stepPart, lanesWorkgroup, kernelPart], constants: { LANES: 32 } },
    buffers: [draftStep, draftHistory, step, ids],
    workgroups: [1, 1, 1],
    cost: { bytes: 8 * (ids.shape[0] ?? 0) + 16, flops: 0 },
  };
}

const kernelPart = { name: "collect-draft.wgsl", wgsl };
