import type { Rest } from "./provider.js";

const NAP_MS = 0.25;

/**
 * Lets an adapter that computes on the CPU have the CPU. While anything is waited for, Dawn's Node binding asks the driver
 * in every turn of the event loop, and the loop turns as fast as it can: on two cores, that took a third of the
 * adapter's speed. So each turn sleeps a little until nothing is waited for.
 */
export class RestInNode implements Rest {
  readonly #cell = new Int32Array(new SharedArrayBuffer(4));
  #waiting = 0;

  during(work: Promise<unknown>): void {
    this.#waiting++;
    if (this.#waiting === 1) setImmediate(this.#nap);
    const done = () => {
      this.#waiting--;
    };
    work.then(done, done);
  }

  #nap = (): void => {
    if (this.#waiting === 0) return;
    Atomics.wait(this.#cell, 0, 0, NAP_MS); // nobody wakes it: this is Node's shortest sleep
    setImmediate(this.#nap);
  };
}
