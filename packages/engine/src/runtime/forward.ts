import { type Gpu, type TensorRef, tensor } from "@alambic/kernels";
import type { AdaptersInUse } from "../adapters/adapters.js";
import { ContextOverflowError } from "../errors.js";
import { KvCache } from "./kv-cache.js";
import type { LoadedModel } from "./loaded-model.js";
import type { LoadedWeights } from "./loaded-weights.js";
import { type Lowered, lower } from "./lower.js";
import { assertText } from "./token-ids.js";

/** Logits of one chunk take at most this much: 170 rows of a vocabulary of 49,152. */
const LOGIT_BYTES = 32 * 2 ** 20;

/** Most rows whose logits are computed in one pass. */
export function forwardRows({ architecture, gpu }: LoadedModel): number {
  const bytes = Math.min(LOGIT_BYTES, gpu.device.limits.maxStorageBufferBindingSize);
  return Math.max(1, Math.min(128, Math.floor(bytes / (4 * architecture.vocabulary))));
}

/**
 * Runs a text through a model chunk by chunk and leaves each chunk's logits on the GPU. It has a cache of its own, so
 * it disturbs no session.
 */
export class ForwardPass {
  readonly #gpu: Gpu;
  readonly #weights: LoadedWeights;
  readonly #length: number;
  readonly #adapters: AdaptersInUse;
  readonly #cache: KvCache;
  readonly #lowered: Lowered;
  readonly step: TensorRef;
  readonly #ids: TensorRef;

  private constructor(model: LoadedModel, length: number, rows: number) {
    this.#gpu = model.gpu;
    this.#weights = model.weights;
    this.#length = length;
    this.#adapters = model.adapters.use();
    this.#cache = new KvCache(model.gpu, model.cacheShape);
    this.#cache.grow(length, 0);
    this.step = tensor("forward step", [2], "u32");
    this.#ids = tensor("forward ids", [rows], "u32");
    model.gpu.buffers.allocate(this.step, this.#ids);
    this.#lowered = lower({
      ...model.lowering(this.#adapters.set),
      cache: this.#cache,
      step: this.step,
      ids: this.#ids,
      rows,
      logits: "all",
    });
  }

  /** @throws {@link ContextOverflowError} when the text is longer than the model's context here. */
  static async open(model: LoadedModel, length: number, rows: number): Promise<ForwardPass> {
    if (length > model.contextLength) throw new ContextOverflowError(length, model.contextLength);
    const pass = new ForwardPass(model, length, rows);
    try {
      await model.gpu.buffers.settled();
      await model.gpu.executor.prepare(pass.#dispatches);
      return pass;
    } catch (error) {
      pass.dispose();
      throw error;
    }
  }

  /** `[rows, vocabulary]`; holds until the next submit of this model. */
  get logits(): TensorRef {
    return this.#lowered.logits;
  }

  /** Computes the logits of `ids`, which stand at `position` onwards. */
  run(ids: readonly number[], position: number): void {
    this.#gpu.buffers.write(this.step, Uint32Array.of(position, ids.length));
    this.#gpu.buffers.write(this.#ids, Uint32Array.from(ids));
    this.#weights.rotateFor(this.#length);
    this.#gpu.executor.run(this.#dispatches);
  }

  dispose(): void {
    this.#cache.dispose();
    this.#adapters.release();
    this.#gpu.buffers.dispose(this.step, this.#ids);
  }

  get #dispatches() {
    return [...this.#lowered.body, ...this.#lowered.tail];
  }
}

/**
 * Logits of every position, one row a token.
 *
 * @throws RangeError when there is no token, or one outside the vocabulary.
 */
export async function forward(
  model: LoadedModel,
  ids: readonly number[],
  signal?: AbortSignal,
): Promise<Float32Array[]> {
  assertText(ids, model.architecture.vocabulary);
  const rows = Math.min(forwardRows(model), ids.length);
  const pass = await ForwardPass.open(model, ids.length, rows);
  try {
    const { vocabulary } = model.architecture;
    const logits: Float32Array[] = [];
    for (let position = 0; position < ids.length; position += rows) {
      signal?.throwIfAborted();
      const chunk = ids.slice(position, position + rows);
      pass.run(chunk, position);
      const values = (await model.gpu.buffers.read(pass.logits, chunk.length * vocabulary)) as Float32Array;
      model.gpu.assertHealthy();
      for (let row = 0; row < chunk.length; row++) logits.push(values.slice(row * vocabulary, (row + 1) * vocabulary));
    }
    return logits;
  } finally {
    pass.dispose();
  }
}
