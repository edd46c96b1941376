/**
 * A signal that Ctrl-C raises once, so that what is there can still be printed; a second Ctrl-C ends the program.
 *
 * @returns the signal, and what gives Ctrl-C back to the program.
 */
export function interruptible(): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const onInterrupt = () => controller.abort();
  process.once("SIGINT", onInterrupt);
  return { signal: controller.signal, release: () => process.off("SIGINT", onInterrupt) };
}
