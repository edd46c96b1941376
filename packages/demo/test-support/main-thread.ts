import type { Page } from "playwright-core";
import { expect } from "vitest";

/** Milliseconds: beyond this a page feels stuck, and browsers speak of a long task. */
const LONG_TASK = 50;

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Begin, length and the thread's own processor time, in microseconds. */
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

export interface Busy {
  /** Processor time of the longest task, in milliseconds: what the page itself took, however many others wanted the core. */
  readonly longest: number;
  /** The same by the clock on the wall. Where the models keep every core busy it says more about them. */
  readonly longestOnTheWall: number;
  /** What took the longest within that task: names of the trace, with milliseconds. */
  readonly within: readonly string[];
  readonly tasks: number;
}

/** What the page's main thread was busy with during an action, by the browser's own trace. */
export async function mainThreadDuring(page: Page, action: () => Promise<void>): Promise<Busy> {
  const browser = page.context().browser()!;
  await browser.startTracing(page, {
    categories: ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline", "v8"],
  });
  await action();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString("utf8")) as { traceEvents: TraceEvent[] };
  const main = traceEvents.filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain");
  const isMain = ({ pid, tid }: TraceEvent) => main.some((thread) => thread.pid === pid && thread.tid === tid);
  const events = traceEvents.filter((event) => event.ph === "X" && event.tdur !== undefined && isMain(event));
  const tasks = events.filter(({ name }) => name.endsWith("RunTask"));
  if (tasks.length === 0) throw new Error("The trace has no task of the page's main thread.");
  const longest = tasks.reduce((most, task) => (task.tdur! > most.tdur! ? task : most));
  const within = events
    .filter((event) => event !== longest && event.tid === longest.tid && event.pid === longest.pid)
    .filter(({ ts }) => ts >= longest.ts && ts < longest.ts + longest.dur!)
    .sort((a, b) => b.tdur! - a.tdur!)
    .slice(0, 6)
    .map(({ name, tdur }) => `${name} ${(tdur! / 1000).toFixed(1)}`);
  return {
    longest: longest.tdur! / 1000,
    longestOnTheWall: Math.max(...tasks.map(({ dur }) => dur!)) / 1000,
    within,
    tasks: tasks.length,
  };
}

export function expectSmooth(what: string, { longest, longestOnTheWall, within, tasks }: Busy): void {
  console.info(
    `${what}: longest of ${tasks} tasks ${longest.toFixed(1)} ms of processor time (${within.join(", ")}); ${longestOnTheWall.toFixed(0)} ms on the wall`,
  );
  expect(longest, within.join(", ")).toBeLessThan(LONG_TASK);
}
