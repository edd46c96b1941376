import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { chooseModels } from "./choose-models.js";

const fixture = fileURLToPath(new URL("../../../engine/fixtures/llama-tied", import.meta.url));
const names = (asked: string[], smallestFirst = false) =>
  chooseModels(asked, { quantize: "int4", smallestFirst }).map(({ name }) => name);

test("the ladder: real checkpoints, then random weights by size", () => {
  expect(names(["all"]).slice(0, 4)).toEqual([
    "smollm2-135m-instruct",
    "smollm2-81m-student",
    "synthetic-15m",
    "synthetic-30m",
  ]);
  expect(names(["all"])).toEqual(names(["real", "synthetic"]));
});

test("the smallest first, where asked for", () => {
  expect(names(["all"], true).slice(0, 5)).toEqual([
    "synthetic-15m",
    "synthetic-30m",
    "smollm2-81m-student",
    "smollm2-135m-instruct",
    "synthetic-81m",
  ]);
  expect(names(["all"], true).toSorted()).toEqual(names(["all"]).toSorted());
});

test("a folder, a Hub id, a name of the ladder; each once", () => {
  expect(names([fixture, "owner/name", "synthetic-30m", "synthetic-30m"])).toEqual([
    "llama-tied",
    "owner/name",
    "synthetic-30m",
  ]);
});

test("the embedded pair has reference answers, and is there", async () => {
  for (const candidate of chooseModels(["real"], { quantize: "int4" })) {
    expect(candidate.reference?.ids.length).toBeGreaterThan(3);
    expect((await candidate.inspect()).vocabulary).toBe(49_152);
  }
});
