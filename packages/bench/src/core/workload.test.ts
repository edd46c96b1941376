import { expect, test } from "vitest";
import { contextOf, nameOf, promptOf, workloads } from "./workload.js";

test("every combination, named as llama-bench names them", () => {
  expect(workloads([16, 512], [4], [0, 64]).map(nameOf)).toEqual([
    "pp16",
    "pp512",
    "tg4",
    "pp16 @ d64",
    "pp512 @ d64",
    "tg4 @ d64",
  ]);
});

test("a length of 0 leaves its kind out", () => {
  expect(workloads([0], [4], [0]).map(nameOf)).toEqual(["tg4"]);
  expect(workloads([16], [0], [0]).map(nameOf)).toEqual(["pp16"]);
});

test("prompts are the same each time, of the right length, and use the whole vocabulary", () => {
  const workload = { kind: "pp", tokens: 4000, depth: 96 } as const;
  const ids = promptOf(workload, 500);
  expect(ids).toEqual(promptOf(workload, 500));
  expect(ids).toHaveLength(4096);
  expect(Math.min(...ids)).toBe(0);
  expect(Math.max(...ids)).toBe(499);
  expect(promptOf({ kind: "tg", tokens: 4, depth: 0 }, 500)).toHaveLength(1);
});

test("a session has room for the context, the prompt and what is written", () => {
  expect(contextOf({ kind: "pp", tokens: 512, depth: 64 })).toBe(577);
  expect(contextOf({ kind: "tg", tokens: 128, depth: 64 })).toBe(194);
});
