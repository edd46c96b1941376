import { describe, expect, it } from "vitest";
import { count, duelsOf, EMPTY_TALLY, readTally, writeTally } from "./tally.js";

const answer = (name: string) => ({ contender: { name, parameters: 1 }, text: "", tokens: 0 });
const answers = { a: answer("teacher"), b: answer("student") };

describe("the tally", () => {
  it("counts a vote for the model that sat there", () => {
    let tally = count(EMPTY_TALLY, { answers }, "b");
    tally = count(tally, { answers: { a: answers.b, b: answers.a } }, "a");
    for (const choice of ["both", "neither", "a"] as const) tally = count(tally, { answers }, choice);
    expect(tally).toEqual({ wins: { student: 2, teacher: 1 }, both: 1, neither: 1 });
    expect(duelsOf(tally)).toBe(5);
  });

  it("is kept, and starts anew from what is no tally", () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    };
    expect(readTally(storage)).toEqual(EMPTY_TALLY);
    const tally = count(EMPTY_TALLY, { answers }, "a");
    writeTally(storage, tally);
    expect(readTally(storage)).toEqual(tally);
    for (const broken of ["{", "[]", '{"wins":{"a":-1},"both":0,"neither":0}', '{"wins":[],"both":0,"neither":0}']) {
      kept.set([...kept.keys()][0]!, broken);
      expect(readTally(storage), broken).toEqual(EMPTY_TALLY);
    }
  });

  it("survives a browser that keeps nothing", () => {
    const refuse = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    writeTally({ setItem: refuse }, EMPTY_TALLY);
    expect(readTally({ getItem: refuse })).toEqual(EMPTY_TALLY);
  });
});
