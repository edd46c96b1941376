import {
  type Dispatch,
  type Gpu,
  type ReadBack,
  ReadBackRing,
  sampleSettings,
  type TensorRef,
  tensor,
} from "@alambic/kernels";
import type { AdapterSet } from "../adapters/adapter-set.js";
import { ContextOverflowError, EngineError } from "../errors.js";
import { cacheCapacity, KvCache } from "./kv-cache.js";
import type { LoadedModel } from "./loaded-model.js";
import { CHUNK, planStream, type StreamPlans } from "./pass-plan.js";
import { commonLength } from "./token-ids.js";

export interface SamplingOptions {
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
  readonly seed: number;
}

/**
 * The token loop of one session: its KV cache, and the buffers in which position, token and history live on the GPU.
 *
 * A token is one submit: embedding gather to sampling in one pass, then the copy of four bytes to a mappable slot. The
 * sampled token feeds the next step's gather on the GPU, so steps are submitted ahead of the host's reading.
 */
export class TokenStream {
  readonly #model: LoadedModel;
  readonly #gpu: Gpu;
  readonly #cache: KvCache;
  readonly #ring: ReadBackRing;
  readonly #step = tensor("step", [2], "u32");
  readonly #ids = tensor("ids", [CHUNK], "u32");
  readonly #settings = tensor("sampling settings", [8], "u32");
  readonly #history: TensorRef;
  #plans: StreamPlans | undefined;
  /** Tokens whose keys and values are in the cache and right. */
  #cached: number[] = [];
  /** Whether those were rotated as a text longer than `shortRotation` is. */
  #cachedLong = false;
  /** The adapters that the cache and the plans are of. */
  #adapters: AdapterSet | undefined;
  #disposed = false;

  constructor(model: LoadedModel) {
    this.#model = model;
    this.#gpu = model.gpu;
    this.#cache = new KvCache(model.gpu, model.cacheShape);
    // A software adapter computes a token far more slowly than a read-back takes, and pays for each one computed past
    // the end; a GPU is the other way round.
    this.#ring = new ReadBackRing(model.gpu.device, 4, model.gpu.adapter.kind === "software" ? 1 : 4);
    this.#history = tensor("token history", [model.contextLength + 1], "u32");
    this.#gpu.buffers.allocate(...this.#own);
  }

  /** How many tokens at the front of `prompt` need no computing; at least its last one always does. */
  reusable(prompt: readonly number[]): number {
    if (this.#isLong(prompt.length) !== this.#cachedLong || this.#adapters !== this.#model.adapters.current) return 0;
    return commonLength(this.#cached, prompt.slice(0, -1));
  }

  /**
   * Yields sampled tokens until the consumer stops, `maxTokens` were given or the context is full. A signal ends it
   * between two chunks of the prompt; once tokens come, stopping is the consumer's affair.
   *
   * Where LongRoPE's short divisors end, all of the text so far is computed anew by its long ones, as transformers does:
   * the answer is then that of the same text as a prompt.
   *
   * @throws {@link ContextOverflowError} when the prompt leaves no room for a single token.
   */
  async *run(
    prompt: readonly number[],
    maxTokens: number,
    sampling: SamplingOptions,
    signal?: AbortSignal,
  ): AsyncGenerator<number> {
    const adapters = this.#model.adapters.use(); // those that act now do so to the end of the answer
    if (adapters.set !== this.#adapters) {
      this.#cached = [];
      this.#plans = undefined;
      this.#adapters = adapters.set;
    }
    try {
      yield* this.#runRotated(prompt, maxTokens, sampling, signal);
    } finally {
      adapters.release();
    }
  }

  async *#runRotated(
    prompt: readonly number[],
    maxTokens: number,
    sampling: SamplingOptions,
    signal?: AbortSignal,
  ): AsyncGenerator<number> {
    const { shortRotation } = this.#model;
    const short = shortRotation + 1 - prompt.length; // tokens sampled from texts that are rotated so
    if (short < 1 || short >= maxTokens) return yield* this.#run(prompt, maxTokens, sampling, signal);
    const text = [...prompt];
    for await (const token of this.#run(prompt, short, sampling, signal)) {
      text.push(token);
      yield token;
    }
    if (text.length < prompt.length + short || text.length >= this.#model.contextLength) return;
    yield* this.#run(text, maxTokens - short, sampling, signal);
  }

  async *#run(
    prompt: readonly number[],
    maxTokens: number,
    sampling: SamplingOptions,
    signal?: AbortSignal,
  ): AsyncGenerator<number> {
    const { contextLength } = this.#model;
    if (prompt.length === 0)
      throw new RangeError("The prompt is empty: generation needs at least one token to start from.");
    if (prompt.length >= contextLength) throw new ContextOverflowError(prompt.length, contextLength);
    const budget = Math.min(maxTokens, contextLength - prompt.length);
    const start = this.reusable(prompt);
    this.#cachedLong = this.#isLong(prompt.length);
    this.#cached.length = start; // nothing past it may be trusted until the prompt has run again
    const plans = await this.#prepare(prompt.length + budget, start);
    this.#gpu.buffers.write(this.#settings, sampleSettings(sampling));

    const inFlight: Promise<Uint32Array>[] = [];
    let submitted = 0; // tokens asked of the GPU
    const submit = (dispatches: readonly Dispatch[]) => {
      const to = this.#ring.take();
      this.#model.weights.rotateFor(prompt.length + submitted);
      const readBack: ReadBack = { from: this.#history, fromOffset: 4 * (prompt.length + submitted), to, bytes: 4 };
      this.#gpu.executor.run(dispatches, [readBack]);
      inFlight.push(this.#ring.read(to));
      submitted++;
    };
    const answer: number[] = [];
    try {
      if (!(await this.#prefill(plans, prompt, start, submit, signal))) return;
      while (inFlight.length > 0 || submitted < budget) {
        while (inFlight.length < this.#ring.depth && submitted < budget) submit(plans.token);
        const [token] = await inFlight.shift()!;
        this.#gpu.assertHealthy();
        answer.push(token!);
        yield token!;
      }
    } catch (error) {
      if (!this.#disposed) throw error;
      throw new EngineError("disposed", "The model was disposed of while it answered. Stop answers before that.");
    } finally {
      await Promise.allSettled(inFlight); // their slots must be unmapped before the next run copies into them
      // The last token was sampled but never fed back, so the cache ends one before it.
      if (answer.length > 0) this.#cached = [...prompt, ...answer.slice(0, -1)];
    }
  }

  dispose(): void {
    this.#disposed = true;
    this.#cached = [];
    this.#plans = undefined;
    this.#ring.dispose();
    this.#cache.dispose();
    this.#gpu.buffers.dispose(...this.#own);
  }

  #isLong(length: number): boolean {
    return length > this.#model.shortRotation;
  }

  get #own(): TensorRef[] {
    return [this.#step, this.#ids, this.#settings, this.#history];
  }

  /**
   * Submits a prompt, as few chunks ahead of the GPU as tokens are: a long prompt can then be stopped half way, and
   * other sessions get their turn between its chunks. Resolves to false when it was stopped.
   */
  async #prefill(
    plans: StreamPlans,
    prompt: readonly number[],
    start: number,
    submitLast: (dispatches: readonly Dispatch[]) => void,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const ahead: Promise<unknown>[] = [];
    for (let position = start; position < prompt.length; position += CHUNK) {
      if (ahead.length >= this.#ring.depth) await ahead.shift();
      this.#gpu.assertHealthy();
      if (signal?.aborted) return false;
      this.#model.weights.rotateFor(prompt.length);
      const chunk = Uint32Array.from(prompt.slice(position, position + CHUNK));
      this.#gpu.buffers.write(this.#step, Uint32Array.of(position, chunk.length));
      this.#gpu.buffers.write(this.#ids, chunk);
      if (position + chunk.length < prompt.length) {
        this.#gpu.executor.run(plans.chunk);
        ahead.push(this.#gpu.device.queue.onSubmittedWorkDone().catch(() => {})); // assertHealthy tells of a lost device
      } else submitLast(chunk.length === 1 ? plans.token : plans.lastChunk);
    }
    return true;
  }

  /** Plans for a cache that holds `tokens`. They are made again only when it has grown or the adapters have changed. */
  async #prepare(tokens: number, held: number): Promise<StreamPlans> {
    const capacity = cacheCapacity(tokens, this.#model.contextLength);
    if (this.#plans && capacity <= this.#cache.capacity) return this.#plans;
    this.#cache.grow(capacity, held);
    await this.#gpu.buffers.settled();
    const tensors = {
      step: this.#step,
      ids: this.#ids,
      settings: this.#settings,
      history: this.#history,
    };
    this.#plans = await planStream(this.#gpu, this.#model.lowering(this.#adapters), this.#cache, tensors);
    return this.#plans;
  }
}
