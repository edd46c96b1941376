import {
  acceptDraft,
  collectDraft,
  type Dispatch,
  draftOutcome,
  draftOutcomeWords,
  type Gpu,
  type ReadBack,
  ReadBackRing,
  ShapeError,
  sampleRows,
  tensor,
} from "@alambic/kernels";
import type { DraftedToken } from "../api/types.js";
import { ContextOverflowError, EngineError } from "../errors.js";
import { Decoder } from "./decoder.js";
import { DraftAccount } from "./draft-account.js";
import type { LoadedModel } from "./loaded-model.js";
import { Lookahead, MAX_LOOKAHEAD } from "./lookahead.js";
import { lower } from "./lower.js";
import type { StreamPlans } from "./pass-plan.js";
import type { SamplingOptions, TokenStream } from "./token-stream.js";

/** Rows of the pass that judges: the last token that stands, and the proposals. */
const ROWS = MAX_LOOKAHEAD + 1;
/** Tokens that the model decodes alone first, so that the gain of the draft can be told. */
const ALONE = 4;
/** Rounds submitted before the first is read: the next one's lookahead is chosen before its outcome is known. */
const ROUNDS_AHEAD = 2;

interface Round {
  /** Length of the text after it, were all proposals accepted. */
  readonly most: number;
  readonly drafting: boolean;
  readonly words: Promise<Uint32Array>;
}

export interface SpeculatedToken {
  readonly id: number;
  readonly draft: DraftedToken;
}

/**
 * Speculative decoding: a draft proposes some tokens, the model reads them in one pass and draws its own from each row.
 * Proposals stand as long as they are what the model drew. Model and draft draw with the same noise at the same place
 * (a coupling without communication: Daliri, Musco and Suresh, "Coupling without Communication and Drafter-Invariant
 * Speculative Decoding", 2024), so they agree often, and the text is the one that the model would have written without
 * any draft, token by token, at every temperature: it cannot depend on the draft.
 *
 * A round is one submit: the draft's passes, the model's, and the judging. The host reads a few words of it and never a
 * logit. Both caches roll back by their positions alone.
 */
export class SpeculativeStream {
  readonly draft: LoadedModel;
  readonly #alone: TokenStream;
  readonly #gpu: Gpu;
  readonly #target: Decoder;
  readonly #draft: Decoder;
  readonly #drawn = tensor("drawn tokens", [ROWS], "u32");
  readonly #outcome = tensor("draft outcome", [draftOutcomeWords(ROWS)], "u32");
  readonly #ring: ReadBackRing;
  #judge: { readonly plans: StreamPlans; readonly dispatches: readonly Dispatch[] } | undefined;
  #disposed = false;

  /**
   * @param alone - The model's stream without a draft: it goes on where LongRoPE's short divisors end, and both caches
   *   would be void.
   * @throws {@link ShapeError} when the two cannot work together: other vocabularies, or other devices.
   */
  constructor(target: LoadedModel, draft: LoadedModel, alone: TokenStream) {
    const { vocabulary } = target.architecture;
    if (draft.architecture.vocabulary !== vocabulary) {
      throw new ShapeError(
        `The model's vocabulary has ${vocabulary} tokens and its draft's ${draft.architecture.vocabulary}. A draft must share the model's tokenizer: choose a smaller model of the same family.`,
      );
    }
    if (draft.gpu !== target.gpu) {
      throw new ShapeError("The model and its draft are on different devices. Load both with the same gpu.");
    }
    this.draft = draft;
    this.#alone = alone;
    this.#gpu = target.gpu;
    this.#target = new Decoder(target);
    this.#draft = new Decoder(draft);
    this.#gpu.buffers.allocate(this.#drawn, this.#outcome);
    const depth = this.#gpu.adapter.kind === "software" ? 1 : 4; // as `TokenStream` has it
    this.#ring = new ReadBackRing(this.#gpu.device, 4 * draftOutcomeWords(ROWS), depth);
  }

  reusable(prompt: readonly number[]): number {
    return this.#target.reusable(prompt);
  }

  /**
   * As `TokenStream.run`, with each token's origin.
   *
   * @throws {@link ContextOverflowError} when the prompt leaves no room for a single token.
   */
  async *run(
    prompt: readonly number[],
    maxTokens: number,
    sampling: SamplingOptions,
    signal?: AbortSignal,
  ): AsyncGenerator<SpeculatedToken> {
    const { model } = this.#target;
    const short = Math.min(model.shortRotation, this.draft.shortRotation) + 1 - prompt.length;
    const together = Math.min(maxTokens, Math.max(0, short));
    const text = [...prompt];
    if (together > 0) {
      const releases = [this.#target.begin(), this.#draft.begin()];
      try {
        for await (const token of this.#run(prompt, together, sampling, signal)) {
          text.push(token.id);
          yield token;
        }
      } finally {
        for (const release of releases) release();
      }
      if (text.length < prompt.length + together || text.length >= model.contextLength) return;
    }
    if (together === maxTokens) return;
    for await (const id of this.#alone.run(text, maxTokens - together, sampling, signal)) {
      yield { id, draft: { origin: "alone", proposed: 0, accepted: 0 } };
    }
  }

  async *#run(
    prompt: readonly number[],
    maxTokens: number,
    sampling: SamplingOptions,
    signal?: AbortSignal,
  ): AsyncGenerator<SpeculatedToken> {
    const [target, draft] = [this.#target, this.#draft];
    const { contextLength } = target.model;
    if (prompt.length === 0)
      throw new RangeError("The prompt is empty: generation needs at least one token to start from.");
    if (prompt.length >= contextLength) throw new ContextOverflowError(prompt.length, contextLength);
    const room = Math.min(prompt.length + maxTokens, contextLength);
    const start = target.reusable(prompt);
    target.cached = prompt.slice(0, start); // nothing past it may be trusted until the prompt has run again
    const plans = await this.#prepare(room, start, sampling);

    const text = [...prompt];
    let drafted: number | undefined; // tokens at the front of the text that the draft has read, once it has begun
    const account = new DraftAccount();
    const waiting = new Set<Promise<unknown>>();
    const submit = (dispatches: readonly Dispatch[], readBack: Omit<ReadBack, "to">, length: number) => {
      const to = this.#ring.take();
      for (const { model } of [target, draft]) model.weights.rotateFor(length);
      this.#gpu.executor.run(dispatches, [{ ...readBack, to }]);
      const words = this.#ring.read(to);
      waiting.add(words);
      return words;
    };
    const take = async (words: Promise<Uint32Array>) => {
      const read = await words;
      waiting.delete(words);
      this.#gpu.assertHealthy();
      return read;
    };
    try {
      // The model alone first: its steps are submitted ahead, as without a draft.
      const alone = Math.min(ALONE, room - prompt.length);
      const steps: Promise<Uint32Array>[] = [];
      const step = (dispatches: readonly Dispatch[]) => {
        const place = prompt.length + steps.length;
        steps.push(submit(dispatches, { from: target.history, fromOffset: 4 * place, bytes: 4 }, place));
      };
      if (!(await target.read(prompt, start, plans.target, signal, step))) return;
      for (let given = 0; given < alone; given++) {
        while (steps.length < alone && steps.length - given < this.#ring.depth) step(plans.target.token);
        const [id] = await take(steps[given]!);
        text.push(id!);
        yield { id: id!, draft: account.alone(performance.now()) };
      }

      // A draft whose context is shorter proposes nothing past its own.
      const draftRoom = Math.min(room, draft.model.contextLength);
      let drafting = text.length < draftRoom;
      if (drafting) {
        const known = draft.reusable(text);
        draft.cached = [];
        if (!(await draft.read(text.slice(0, -1), known, plans.draft, signal))) return;
        drafted = text.length - 1;
      }
      for (const { step, ids } of [target, draft]) {
        this.#gpu.buffers.write(step, Uint32Array.of(text.length - 1, 1));
        this.#gpu.buffers.write(ids, Uint32Array.of(text.at(-1)!));
      }
      account.begin(performance.now());
      const lookahead = new Lookahead();
      const rounds: Round[] = [];
      while (text.length < room) {
        // Where the text ends at the latest, once all that was asked for has come.
        let most = rounds.at(-1)?.most ?? text.length;
        while (rounds.length < ROUNDS_AHEAD && rounds.length < this.#ring.depth && most < room) {
          drafting &&= most < draftRoom; // once it missed a token, it may not go on
          const proposals = drafting ? Math.min(lookahead.tokens, draftRoom - most - 1) : 0;
          // The last proposal is read by the draft too: if it stands, the next round goes on from it.
          const dispatches = [
            ...Array(proposals).fill(plans.draft.token).flat(),
            ...(drafting ? plans.draft.read : []),
          ];
          const words = submit([...dispatches, ...this.#judge!.dispatches], this.#result, most + proposals);
          most += proposals + 1;
          rounds.push({ most, drafting, words });
        }
        const round = rounds.shift()!;
        const outcome = draftOutcome(await take(round.words));
        lookahead.round(outcome.proposals, outcome.accepted);
        text.push(...outcome.tokens);
        if (round.drafting) drafted = text.length - 1;
        yield* account.round(outcome, performance.now());
      }
    } catch (error) {
      if (!this.#disposed) throw error;
      throw new EngineError("disposed", "The model was disposed of while it answered. Stop answers before that.");
    } finally {
      await Promise.allSettled(waiting); // their slots must be unmapped before the next run copies into them
      // The last token was drawn but never read.
      if (text.length > prompt.length) target.cached = text.slice(0, -1);
      if (drafted !== undefined) draft.cached = text.slice(0, drafted);
    }
  }

  dispose(): void {
    this.#disposed = true;
    this.#judge = undefined;
    this.#ring.dispose();
    this.#target.dispose();
    this.#draft.dispose();
    this.#gpu.buffers.dispose(this.#drawn, this.#outcome);
  }

  get #result() {
    return { from: this.#outcome, bytes: 4 * draftOutcomeWords(ROWS) };
  }

  async #prepare(tokens: number, held: number, sampling: SamplingOptions) {
    const [target, draft] = [this.#target, this.#draft];
    const plans = {
      target: await target.prepare(tokens, held, sampling),
      draft: await draft.prepare(Math.min(tokens, draft.model.contextLength), draft.cached.length, sampling),
    };
    if (this.#judge?.plans === plans.target) return plans;
    const { step, ids, settings, cache } = target;
    const pass = lower({ ...target.lowering, cache, step, ids, rows: ROWS, logits: "all" });
    const inputs = { ...ids, shape: [ROWS] };
    const dispatches = [
      collectDraft({ draftStep: draft.step, draftHistory: draft.history, step, ids: inputs }),
      ...pass.body,
      ...pass.tail,
      ...sampleRows({ logits: pass.logits, settings, step, tokens: this.#drawn }),
      acceptDraft({
        drawn: this.#drawn,
        ids: inputs,
        step,
        draftIds: draft.ids,
        draftStep: draft.step,
        outcome: this.#outcome,
      }),
    ];
    await this.#gpu.executor.prepare(dispatches);
    this.#judge = { plans: plans.target, dispatches };
    return plans;
  }
}
