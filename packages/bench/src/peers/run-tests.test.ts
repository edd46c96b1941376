import { expect, test } from "vitest";
import type { PeerLine } from "./rows.js";
import { type PeerEngine, type PeerTest, runTests } from "./run-tests.js";

/** Counts on from the last token it read, and remembers what it was given. */
function counting() {
  const opened: number[][] = [];
  let [live, read] = [0, [] as number[]];
  const engine: PeerEngine = {
    open: async (held) => {
      live++;
      opened.push([...held]);
      return {
        async generate(ids, count, onId) {
          read = [...ids];
          await new Promise((resolve) => setTimeout(resolve, 5));
          for (let step = 1; step <= count; step++) onId(ids.at(-1)! + step);
        },
        dispose: () => void live--,
      };
    },
  };
  return { engine, opened, live: () => live, read: () => read };
}

const pp: PeerTest = { kind: "pp", tokens: 2, depth: 3, name: "pp2 @ d3", prompt: [1, 2, 3, 4, 5] };
const tg: PeerTest = { kind: "tg", tokens: 2, depth: 0, name: "tg2", prompt: [7] };
const reference = { prompt: [10], count: 3 };

test("the answer, then a warm-up and the repetitions of each test, each in a context of its own", async () => {
  const { engine, opened, live, read } = counting();
  const lines: PeerLine[] = [];
  await runTests(engine, { reference, tests: [tg, pp], repetitions: 2, budgetSeconds: 60 }, (line) => {
    lines.push(line);
  });
  expect(lines).toMatchObject([
    { type: "answer", ids: [11, 12, 13] },
    ...Array(3).fill({ type: "run", test: "tg2", ids: [8, 9, 10] }),
    ...Array(3).fill({ type: "run", test: "pp2 @ d3", ids: [6] }),
  ]);
  expect(opened).toEqual([...Array(4).fill([]), ...Array(3).fill([1, 2, 3])]);
  expect(read()).toEqual([4, 5]);
  expect(live()).toBe(0);
  for (const line of lines) if (line.type === "run") expect(line.seconds).toBeGreaterThanOrEqual(0);
});

test("no test begins when the budget is spent", async () => {
  const lines: PeerLine[] = [];
  await runTests(counting().engine, { reference, tests: [tg, pp], repetitions: 5, budgetSeconds: 0 }, (line) => {
    lines.push(line);
  });
  expect(lines.map(({ type }) => type)).toEqual(["answer"]);
});

test("an engine that stops early has no row", async () => {
  const { engine } = counting();
  const short: PeerEngine = {
    open: async (held) => {
      const context = await engine.open(held);
      return { ...context, generate: (ids, count, onId) => context.generate(ids, count - 1, onId) };
    },
  };
  const asked = { reference, tests: [tg], repetitions: 1, budgetSeconds: 60 };
  await expect(runTests(short, asked, () => {})).rejects.toThrow("2 tokens came, where 3 were asked for");
});
