import { type Dispatch, sample, type TensorRef, tensor } from "@alambic/kernels";
import type { PlacedCache } from "./kv-cache.js";
import type { LoadedModel } from "./loaded-model.js";
import { lower } from "./lower.js";

/** The few tensors in which position, token and history live, so that a token needs nothing from the host. */
export interface StreamTensors {
  /** `[2]` u32: position and count. */
  readonly step: TensorRef;
  /** `[rows]` u32 */
  readonly ids: TensorRef;
  /** `[8]` u32 */
  readonly settings: TensorRef;
  /** u32, one a token and one more */
  readonly history: TensorRef;
}

/** Those of a stream whose passes take up to `rows` tokens; nothing is allocated. */
export function placeStream(rows: number, contextLength: number): StreamTensors {
  return {
    step: tensor("step", [2], "u32"),
    ids: tensor("ids", [rows], "u32"),
    settings: tensor("settings", [8], "u32"),
    history: tensor("history", [contextLength + 1], "u32"),
  };
}

export interface PassPlan {
  /** Up to the keys and values of the last layer. */
  readonly body: readonly Dispatch[];
  /** From there to the sampled token, fed back. */
  readonly end: readonly Dispatch[];
}

/** A pass over up to `rows` tokens that may end in the next one's sampling. */
export function planPass(
  lowering: ReturnType<LoadedModel["lowering"]>,
  cache: PlacedCache,
  { step, ids, settings, history }: StreamTensors,
  rows: number,
): PassPlan {
  const { body, tail, logits } = lower({ ...lowering, cache, step, ids, rows, logits: "last" });
  return {
    body,
    end: [...tail, ...sample({ logits, settings, step, ids, history })],
  };
}
