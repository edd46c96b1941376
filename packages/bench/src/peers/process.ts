import type { PeerLine } from "./rows.js";

/** What the process of a peer is asked for: JSON in its first argument. */
export function readRequest<T>(): T {
  return JSON.parse(process.argv[2]!) as T;
}

/** A line of JSON on stdout; nothing else may be written there. */
export function tellParent(line: PeerLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
