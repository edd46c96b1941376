import type { Dispatch, TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { step as stepPart } from "../../parts/index.js";
import wgsl from "./accept-draft.wgsl?raw";

export interface AcceptDraftInputs {
  /** `[T]` u32: what the judge drew from each row of its pass. */
  readonly drawn: TensorRef;
  /** `[T]` u32: the judge's inputs. Its first becomes the round's last token. */
  readonly ids: TensorRef;
  /** `[2]` u32: position, 1 + proposals. Moves on to the round's last token. */
  readonly step: TensorRef;
  /** `[D]` u32: its first becomes the round's last token. */
  readonly draftIds: TensorRef;
  /** `[2]` u32: set to the same place. */
  readonly draftStep: TensorRef;
  /** `[T + 3]` u32: see `draftOutcome`. */
  readonly outcome: TensorRef;
}

/** Words of an outcome whose judge takes `rows` tokens. */
export const draftOutcomeWords = (rows: number): number => rows + 3;

/**
 * Closes a round of speculative decoding: proposals stand up to the first that the judge did not draw itself, which is
 * replaced by the judge's. Both models' steps are set for the next round, so that it can be asked for before this one
 * is read; caches roll back by their positions alone.
 *
 * @throws {@link ShapeError} when `drawn`, `ids` and `outcome` do not belong together.
 */
export function acceptDraft({ drawn, ids, step, draftIds, draftStep, outcome }: AcceptDraftInputs): Dispatch {
  const [rows = 0] = ids.shape;
  if (rows < 1 || drawn.shape[0] !== rows || outcome.shape[0] !== draftOutcomeWords(rows)) {
    throw new ShapeError(
      `acceptDraft: ids are [${ids.shape}], so drawn must be [${rows}] and outcome [${draftOutcomeWords(rows)}]; found [${drawn.shape}] and [${outcome.shape}].`,
    );
  }
  return {
    label: `acceptDraft ${rows}`,
    kernel: { parts: [stepPart, kernelPart], constants: {} },
    buffers: [drawn, ids, step, draftIds, draftStep, outcome],
    workgroups: [1, 1, 1],
    cost: { bytes: 12 * rows + 32, flops: 0 },
  };
}

/** What one round of speculative decoding came to. */
export interface DraftOutcome {
  readonly proposals: number;
  /** Of those, from the first on. */
  readonly accepted: number;
  /** The first that was not accepted. */
  readonly refused: number | undefined;
  /** The accepted ones, and one that is the judge's own. */
  readonly tokens: readonly number[];
}

/** Reads the words that `acceptDraft` wrote. */
export function draftOutcome(words: Uint32Array): DraftOutcome {
  const [proposals = 0, accepted = 0, refused = NONE] = words;
  return {
    proposals,
    accepted,
    refused: refused === NONE ? undefined : refused,
    tokens: [...words.subarray(3, 4 + accepted)],
  };
}

const NONE = 0xffffffff;
const kernelPart = { name: "accept-draft.wgsl", wgsl };
