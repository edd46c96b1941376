const LONGEST_PAUSE = 30_000;

/** How many fruitless tries one call has left, and the pauses between them. */
export class Patience {
  readonly attempts: number;
  readonly #firstPause: number;
  #used = 0;

  /** `firstPause` in milliseconds; each next one is twice as long. */
  constructor(attempts: number, firstPause: number) {
    this.attempts = attempts;
    this.#firstPause = firstPause;
  }

  /** Bytes came: count anew. */
  refresh(): void {
    this.#used = 0;
  }

  /** Fruitless tries since bytes last came. */
  get used(): number {
    return this.#used;
  }

  /** Pauses and resolves to true, or to false when none of `attempts` is left. Rejects with the signal's reason. */
  async again(signal: AbortSignal | undefined, atLeast = 0, attempts = this.attempts): Promise<boolean> {
    this.#used++;
    if (this.#used >= attempts) return false;
    const pause = Math.min(LONGEST_PAUSE, this.#firstPause * 2 ** (this.#used - 1));
    // Up to a quarter is added, so that parallel readers do not come back all at once.
    await wait(Math.max(atLeast, pause * (1 + Math.random() / 4)), signal);
    return true;
  }
}

function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
