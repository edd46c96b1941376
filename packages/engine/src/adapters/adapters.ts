import type { Gpu } from "@alambic/kernels";
import { AdapterError } from "../errors.js";
import { Queue } from "../runtime/queue.js";
import type { AdapterSet } from "./adapter-set.js";
import type { Projection } from "./projections.js";
import type { Adapter } from "./read.js";

/** One of a model's adapters by name, with its weight; 1 unless given. */
export interface AdapterChoice {
  readonly name: string;
  readonly weight?: number;
}

/** What an answer holds while it runs. */
export interface AdaptersInUse {
  readonly set: AdapterSet | undefined;
  readonly release: () => void;
}

/** The adapters of a model: those that were loaded, and the set that acts. */
export class Adapters {
  readonly #gpu: Gpu;
  readonly #projections: readonly Projection[];
  readonly #loaded = new Map<string, Adapter>();
  readonly #queue = new Queue();
  #chosen: readonly AdapterChoice[] = [];
  #current: AdapterSet | undefined;

  /** `projections`: as the model's plans compute them. */
  constructor(gpu: Gpu, projections: readonly Projection[]) {
    this.#gpu = gpu;
    this.#projections = projections;
  }

  /** The set that acts now; `undefined` while none does. */
  get current(): AdapterSet | undefined {
    return this.#current;
  }

  assertFree(name: string): void {
    if (name === "") throw new AdapterError("adapter-name", "An adapter's name is empty. Give it one with { name }.");
    if (!this.#loaded.has(name)) return;
    throw new AdapterError(
      "adapter-name",
      `An adapter named ${JSON.stringify(name)} is loaded already. Give this one another name, or unload that one.`,
    );
  }

  add(adapter: Adapter): void {
    this.assertFree(adapter.name);
    this.#loaded.set(adapter.name, adapter);
  }

  /**
   * Makes these act, and no others, from the next answer on.
   *
   * @throws {@link AdapterError} for a name that was not loaded or comes twice, or a weight that is no number; `OutOfMemoryError`.
   *   What acted before goes on.
   */
  async choose(choices: readonly AdapterChoice[]): Promise<void> {
    const leave = await this.#queue.enter();
    try {
      const acting = choices.map(({ name, weight = 1 }) => ({ adapter: this.#named(name), weight }));
      for (const { adapter, weight } of acting) {
        if (!Number.isFinite(weight))
          throw new AdapterError("adapter-name", `The weight of ${adapter.name} is ${weight}; it must be a number.`);
      }
      const twice = choices.find(({ name }, i) => choices.findIndex((other) => other.name === name) < i);
      if (twice) throw new AdapterError("adapter-name", `${twice.name} is chosen twice. Add the weights up instead.`);
      const { AdapterSet } = await import("./adapter-set.js");
      const next = acting.length > 0 ? new AdapterSet(this.#gpu, this.#projections, acting) : undefined;
      try {
        await this.#gpu.buffers.settled();
      } catch (error) {
        next?.release();
        throw error;
      }
      this.#current?.release();
      this.#current = next;
      this.#chosen = choices;
    } finally {
      leave();
    }
  }

  /** Forgets an adapter; one that acts stops acting first. */
  async remove(name: string): Promise<void> {
    this.#named(name);
    if (this.#chosen.some((choice) => choice.name === name))
      await this.choose(this.#chosen.filter((choice) => choice.name !== name));
    this.#loaded.delete(name);
  }

  /** Becomes what the adapters of a model on a lost device were: their weights are on the host. */
  async follow(lost: Adapters): Promise<void> {
    for (const [name, adapter] of lost.#loaded) this.#loaded.set(name, adapter);
    await this.choose(lost.#chosen);
  }

  /** The set that acts now, kept until released. */
  use(): AdaptersInUse {
    const set = this.#current;
    set?.retain();
    return { set, release: () => set?.release() };
  }

  dispose(): void {
    this.#current?.release();
    this.#current = undefined;
    this.#loaded.clear();
  }

  #named(name: string): Adapter {
    const found = this.#loaded.get(name);
    if (found) return found;
    const known = [...this.#loaded.keys()].map((each) => JSON.stringify(each)).join(", ");
    throw new AdapterError(
      "adapter-name",
      `No adapter named ${JSON.stringify(name)} is loaded${known ? ` (${known} is)` : ""}. Load it with model.loadAdapter first.`,
    );
  }
}
