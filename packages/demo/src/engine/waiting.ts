// Waiting for an engine in a worker: the page must neither hang on a call that is not answered nor wait for a stop.

/** Stopping is at once for the page, whatever the worker is at. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}

/** A worker that breaks down answers nothing any more: without this the wait would have no end. */
export function orFail<T>(promise: Promise<T>, failed: Promise<Error>): Promise<T> {
  return Promise.race([promise, failed.then((error) => Promise.reject(error))]);
}

/**
 * Ends with the signal, not with the engine: that finishes the step it is at first, and on a slow device a step takes
 * seconds. A later call on the same session waits its turn.
 */
export async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => {}); // most answers end by themselves, and nobody waits for it then
  const items = source[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await Promise.race([items.next(), aborted]);
    if (done) return;
    yield value;
  }
}
