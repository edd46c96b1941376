import { type Dispatch, type Gpu, sampleSettings, type TensorRef, tensor } from "@alambic/kernels";
import type { AdapterSet } from "../adapters/adapter-set.js";
import { cacheCapacity, KvCache } from "./kv-cache.js";
import type { LoadedModel } from "./loaded-model.js";
import { CHUNK, planStream, type StreamPlans } from "./pass-plan.js";
import { commonLength } from "./token-ids.js";
import type { SamplingOptions } from "./token-stream.js";

/** One of the two models of speculative decoding: its KV cache, and where position, token and history live on the GPU. */
export class Decoder {
  readonly model: LoadedModel;
  readonly cache: KvCache;
  readonly step = tensor("step", [2], "u32");
  readonly ids = tensor("ids", [CHUNK], "u32");
  readonly settings = tensor("sampling settings", [8], "u32");
  readonly history: TensorRef;
  /** Tokens whose keys and values are in the cache and right. */
  cached: readonly number[] = [];
  readonly #gpu: Gpu;
  #plans: StreamPlans | undefined;
  /** The adapters that the cache and the plans are of. */
  #adapters: AdapterSet | undefined;

  constructor(model: LoadedModel) {
    this.model = model;
    this.#gpu = model.gpu;
    this.cache = new KvCache(model.gpu, model.cacheShape);
    this.history = tensor("token history", [model.contextLength + 1], "u32");
    this.#gpu.buffers.allocate(...this.#own);
  }

  /** Takes the adapters that act now, until the returned function is called. Others than before make cache and plans void. */
  begin(): () => void {
    const { set, release } = this.model.adapters.use();
    if (set !== this.#adapters) {
      this.cached = [];
      this.#plans = undefined;
      this.#adapters = set;
    }
    return release;
  }

  /** What its plans have in common, its adapters among it. */
  get lowering(): ReturnType<LoadedModel["lowering"]> {
    return this.model.lowering(this.#adapters);
  }

  /** How many tokens at the front of `text` need no computing; at least its last one always does. */
  reusable(text: readonly number[]): number {
    if (this.#adapters !== this.model.adapters.current) return 0;
    return commonLength(this.cached, text.slice(0, -1));
  }

  /** Plans for a cache that holds `tokens`, the first `held` of them kept. Made again only when it has grown or the adapters have changed. */
  async prepare(tokens: number, held: number, sampling: SamplingOptions): Promise<StreamPlans> {
    this.#gpu.buffers.write(this.settings, sampleSettings(sampling));
    const capacity = cacheCapacity(tokens, this.model.contextLength);
    if (this.#plans && capacity <= this.cache.capacity) return this.#plans;
    this.cache.grow(capacity, held);
    await this.#gpu.buffers.settled();
    this.#plans = await planStream(this.#gpu, this.lowering, this.cache, this);
    return this.#plans;
  }

  /**
   * Computes the keys and values of `text` from `start` on. The last chunk's dispatches, which go on to the next token,
   * are given to `submitLast` instead where there is one. A signal ends it between two chunks: it resolves to false.
   */
  async read(
    text: readonly number[],
    start: number,
    plans: StreamPlans,
    signal: AbortSignal | undefined,
    submitLast?: (dispatches: readonly Dispatch[]) => void,
  ): Promise<boolean> {
    const { buffers, executor, device } = this.#gpu;
    for (let position = start; position < text.length; position += CHUNK) {
      if (signal?.aborted) return false;
      this.model.weights.rotateFor(text.length);
      const chunk = Uint32Array.from(text.slice(position, position + CHUNK));
      buffers.write(this.step, Uint32Array.of(position, chunk.length));
      buffers.write(this.ids, chunk);
      if (submitLast && position + chunk.length === text.length) {
        submitLast(chunk.length === 1 ? plans.token : plans.lastChunk);
        break;
      }
      executor.run(plans.chunk);
      // One chunk at a time: a long prompt can be stopped half way, and other sessions get their turn.
      await device.queue.onSubmittedWorkDone().catch(() => {}); // assertHealthy tells of a lost device
      this.#gpu.assertHealthy();
    }
    return true;
  }

  dispose(): void {
    this.cached = [];
    this.#plans = undefined;
    this.cache.dispose();
    this.#gpu.buffers.dispose(...this.#own);
  }

  get #own(): TensorRef[] {
    return [this.step, this.ids, this.settings, this.history];
  }
}
