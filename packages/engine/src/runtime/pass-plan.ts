import { type Dispatch, type Gpu, sample, type TensorRef, tensor } from "@alambic/kernels";
import type { PlacedCache } from "./kv-cache.js";
import type { LoadedModel } from "./loaded-model.js";
import { lower } from "./lower.js";

/** Tokens of a prompt that one pass takes. */
export const CHUNK = 128;

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

/** The passes of a token loop. */
export interface StreamPlans {
  /** One token, up to the keys and values of the last layer. */
  readonly read: readonly Dispatch[];
  /** One token, from its gather to the next one's sampling. */
  readonly token: readonly Dispatch[];
  /** A chunk of a prompt, up to the keys and values of the last layer. */
  readonly chunk: readonly Dispatch[];
  /** The same, to the next token's sampling. */
  readonly lastChunk: readonly Dispatch[];
}

/** Those over a cache of its present size, with their kernels compiled. */
export async function planStream(
  { executor }: Gpu,
  lowering: ReturnType<LoadedModel["lowering"]>,
  cache: PlacedCache,
  tensors: StreamTensors,
): Promise<StreamPlans> {
  const decode = planPass(lowering, cache, tensors, 1);
  const prefill = planPass(lowering, cache, tensors, CHUNK);
  const plans = {
    read: decode.body,
    token: [...decode.body, ...decode.end],
    chunk: prefill.body,
    lastChunk: [...prefill.body, ...prefill.end],
  };
  await executor.prepare([...plans.token, ...plans.lastChunk]);
  return plans;
}
