import { seconds } from "../core/format/headline.js";
import type { BenchProgress } from "../core/run.js";

const BAR = 20;

/** One line on stderr that rewrites itself; nothing where that is no terminal. */
export function showProgress(budgetSeconds: number): (progress: BenchProgress) => void {
  return (progress) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${progressLine(progress, budgetSeconds)}\u001b[K`);
  };
}

/** A line for what has no known length. */
export function showDoing(doing: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${doing}\u001b[K`);
}

export function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
}

/** `[=====               ] 75 s of 5 min  smollm2-135m-instruct, tg128, run 2 of 5` */
export function progressLine({ phase, model, test, run, of, spent }: BenchProgress, budgetSeconds: number): string {
  const full = Math.round(BAR * spent);
  const doing = {
    roofline: "measuring the adapter",
    load: "loading",
    check: "checking the answer",
    "warm-up": "warming up",
    run: `run ${run} of ${of}`,
    quality: "bits per byte",
  }[phase];
  const what = [model, test, doing].filter(Boolean).join(", ");
  return `[${"=".repeat(full).padEnd(BAR)}] ${seconds(spent * budgetSeconds)} of ${seconds(budgetSeconds)}  ${what}`;
}
