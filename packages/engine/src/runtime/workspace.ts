import { type Buffers, elementCount, reshape, type TensorRef, tensor } from "@alambic/kernels";

/**
 * Activations of a model. All its plans use the same buffers: a plan lives within one submit, and submits run one after
 * the other. Within a plan a buffer is used again as soon as the last reader of its tensor has been planned.
 */
export class Workspace {
  readonly #buffers: Pick<Buffers, "allocate" | "dispose">;
  readonly #all: TensorRef[] = [];
  readonly #free = new Set<TensorRef>();
  readonly #taken = new Map<TensorRef["buffer"], TensorRef>();

  /** `buffers` may be a stand-in that allocates nothing, for a plan that is made only to be counted. */
  constructor(buffers: Pick<Buffers, "allocate" | "dispose">) {
    this.#buffers = buffers;
  }

  /** Every buffer is free again: a new plan is about to be made. */
  begin(): void {
    this.#taken.clear();
    for (const slot of this.#all) this.#free.add(slot);
  }

  /** The smallest free buffer that holds the shape, or a new one. */
  take(shape: readonly number[]): TensorRef {
    const bytes = 4 * elementCount(shape);
    let best: TensorRef | undefined;
    for (const slot of this.#free) {
      if (slot.buffer.bytes >= bytes && (!best || slot.buffer.bytes < best.buffer.bytes)) best = slot;
    }
    if (!best) {
      best = tensor(`activation ${this.#all.length}`, shape);
      this.#buffers.allocate(best);
      this.#all.push(best);
    }
    this.#free.delete(best);
    this.#taken.set(best.buffer, best);
    return reshape(best, shape);
  }

  give(used: TensorRef): void {
    const slot = this.#taken.get(used.buffer);
    if (!slot) return; // not an activation: ids, or the cache
    this.#taken.delete(used.buffer);
    this.#free.add(slot);
  }

  dispose(): void {
    this.#buffers.dispose(...this.#all);
    this.#all.length = 0;
    this.#free.clear();
  }
}
