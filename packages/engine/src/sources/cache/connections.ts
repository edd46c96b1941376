/**
 * The few requests that are under way together, whatever the number of files: a model of thirty shards is fetched shard by
 * shard, and what somebody waits for comes first.
 */
export class Connections {
  #free: number;
  readonly #waiting: { readonly urgency: () => number; readonly go: () => void }[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Runs a task when its turn comes. The least `urgency` goes first; it is asked for when a connection is free. */
  async use<T>(urgency: () => number, task: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((go) => this.#waiting.push({ urgency, go }));
    try {
      return await task();
    } finally {
      this.#next();
    }
  }

  /** Hands the connection on. */
  #next(): void {
    const [first, ...others] = this.#waiting;
    if (!first) {
      this.#free++;
      return;
    }
    const next = others.reduce((best, each) => (each.urgency() < best.urgency() ? each : best), first);
    this.#waiting.splice(this.#waiting.indexOf(next), 1);
    next.go();
  }
}
