import { expect, test } from "vitest";
import { messagesFor } from "./race-control.js";
import type { Answer, Turn } from "./store.js";

const answer = (text: string) => ({ text }) as Answer;
const turn = (prompt: string, teacher: string, student: string): Turn => ({
  prompt,
  answers: { teacher: answer(teacher), student: answer(student) },
});

const turns = [turn("one", "T1", "S1"), turn("two", "", "S2"), turn("three", "", "")];

test("each model reads its own answers", () => {
  expect(messagesFor("student", turns, "")).toEqual([
    { role: "user", content: "one" },
    { role: "assistant", content: "S1" },
    { role: "user", content: "two" },
    { role: "assistant", content: "S2" },
    { role: "user", content: "three" },
  ]);
});

test("a prompt that a model never answered is left out, so that roles still alternate", () => {
  expect(messagesFor("teacher", turns, "").map(({ content }) => content)).toEqual(["one", "T1", "three"]);
});

test("a system prompt comes first, and none is sent where it is blank", () => {
  expect(messagesFor("teacher", turns.slice(0, 1), "Be brief.")[0]).toEqual({ role: "system", content: "Be brief." });
  expect(messagesFor("teacher", turns.slice(0, 1), "  ")[0]!.role).toBe("user");
});
