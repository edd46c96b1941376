import { once } from "node:events";
import type { Progress } from "../api/types.js";

/** Writes on stdout, waiting where the reader is slower than we are. */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}

export function note(text: string): void {
  process.stderr.write(text);
}

export async function printJson(value: unknown): Promise<void> {
  await print(`${JSON.stringify(value)}\n`);
}

/** An f32 in as few digits as tell it from its neighbours. */
export function f32(value: number): string {
  return String(Number(value.toPrecision(9)));
}

/** Bytes loaded, on a terminal only: one line that rewrites itself. */
export function showProgress({ phase, loaded, total }: Progress): void {
  if (!process.stderr.isTTY) return;
  if (phase === "ready") note("\r\u001b[K");
  else if (phase === "tune") note(`\rtrying kernels, ${loaded} of ${total}\u001b[K`);
  else if (total > 0) note(`\rloading ${mebibytes(loaded)} of ${mebibytes(total)}\u001b[K`);
}

export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

export function count(value: number): string {
  return value.toLocaleString("en-GB");
}
