import type { Gpu } from "@alambic/kernels";

/** Bytes written to a queue before it is awaited: what the browser keeps in its own staging memory stays below this. */
const MOST_IN_FLIGHT = 64 * 2 ** 20;

interface Account {
  bytes: number;
  draining: Promise<unknown> | undefined;
}

// One account a device, since parallel uploads share its queue.
const accounts = new WeakMap<Gpu, Account>();

/** Call after each write to the queue: resolves at once, or when the GPU has taken what was written before. */
export async function written(gpu: Gpu, bytes: number, signal?: AbortSignal): Promise<void> {
  const account = accounts.get(gpu) ?? { bytes: 0, draining: undefined };
  accounts.set(gpu, account);
  account.bytes += bytes;
  if (account.bytes >= MOST_IN_FLIGHT && !account.draining) {
    account.bytes = 0;
    gpu.device.queue.submit([]); // some implementations only start writes at a submit
    account.draining = gpu.device.queue.onSubmittedWorkDone().finally(() => {
      account.draining = undefined;
    });
  }
  await account.draining;
  signal?.throwIfAborted();
}
