import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { RestInNode } from "./rest-in-node.js";

/** Turns that a busy event loop makes while something is awaited, and the processor time they take, in milliseconds. */
async function busyLoop(work: Promise<unknown>): Promise<{ turns: number; cpuMs: number }> {
  let [turns, over] = [0, false];
  const turn = () => {
    turns++;
    if (!over) setImmediate(turn);
  };
  const before = process.cpuUsage();
  setImmediate(turn);
  await work.catch(() => {});
  over = true;
  const { user, system } = process.cpuUsage(before);
  return { turns, cpuMs: (user + system) / 1000 };
}

test("a loop that asks in every turn leaves the processor alone while work is under way, and only then", async () => {
  const rest = new RestInNode();
  const work = setTimeout(200);
  rest.during(work);
  const rested = await busyLoop(work);
  expect(rested.turns).toBeGreaterThan(5);
  expect(rested.cpuMs).toBeLessThan(100);
  expect((await busyLoop(setTimeout(200))).turns).toBeGreaterThan(2 * rested.turns);
});

test("work that fails ends the rest too", async () => {
  const rest = new RestInNode();
  const failing = setTimeout(20).then(() => Promise.reject(new Error("lost")));
  rest.during(failing);
  await failing.catch(() => {});
  const after = await busyLoop(setTimeout(100));
  expect(after.turns).toBeGreaterThan(100 / 0.25);
});
