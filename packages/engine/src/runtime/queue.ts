/** Lets one caller at a time through, in the order of asking. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve();

  /** Waits for its turn; the returned function ends it and must be called. */
  async enter(): Promise<() => void> {
    const before = this.#last;
    let leave = () => {};
    this.#last = new Promise<void>((resolve) => {
      leave = resolve;
    });
    await before;
    return leave;
  }
}
