import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ROLES } from "../engine/roles.js";
import { RECORDINGS } from "./recordings.js";
import { endOf, nextAfter, turnAt } from "./replay.js";
import { STARTER_NAMES, STARTERS } from "./starters.js";

const CHECKPOINTS = { teacher: "smollm2-135m-instruct", student: "smollm2-81m-student" };

describe.each(STARTER_NAMES)("the recording %s", (name) => {
  test("is of the prompt that the page offers, with all that is said about it", async () => {
    const recording = await RECORDINGS[name]();
    expect(recording.prompt).toBe(STARTERS[name]);
    expect(recording.date).toMatch(/^\d{4}-\d\d-\d\d$/);
    for (const said of [recording.adapter.name, recording.processor, recording.runtime, recording.version])
      expect(said).not.toBe("");
  });

  test("ends with the figures that the engine gave, which are those of its own times", async () => {
    const recording = await RECORDINGS[name]();
    const turn = turnAt(recording, endOf(recording));
    for (const role of ROLES) {
      const { at, pieces, rate, usage } = recording.answers[role];
      expect([...at].sort((a, b) => a - b)).toEqual(at);
      expect([at.length, pieces.length]).toEqual([usage.completionTokens, usage.completionTokens]);
      expect((1000 * (at.length - 1)) / (at.at(-1)! - at[0]!) / rate, role).toBeCloseTo(1, 1);
      expect(turn.answers[role]).toMatchObject({ status: "done", text: pieces.join("") });
      expect(turn.answers[role].figures).toMatchObject({ tokens: at.length, mean: rate, firstTokenMs: at[0] });
    }
  });

  test("is, as far as they go, what transformers answers greedily", async () => {
    const recording = await RECORDINGS[name]();
    for (const role of ROLES) {
      const file = new URL(`../../../engine/fixtures/${CHECKPOINTS[role]}.expected.json`, import.meta.url);
      const { cases } = JSON.parse(readFileSync(file, "utf8"));
      const known = cases.find(
        ({ messages }: { messages: { content: string }[] }) => messages[0]!.content === recording.prompt,
      );
      if (known) expect(recording.answers[role].pieces.join("").startsWith(known.text), role).toBe(true);
      else expect(name).not.toBe("capital");
    }
  });
});

test("goes on piece by piece, at the times at which they came", async () => {
  const recording = await RECORDINGS.capital();
  const { teacher, student } = recording.answers;
  expect(turnAt(recording, 0).answers.teacher).toMatchObject({ status: "waiting", text: "" });
  const times: number[] = [];
  for (let elapsed = nextAfter(recording, 0); elapsed !== undefined; elapsed = nextAfter(recording, elapsed)) {
    times.push(elapsed);
    const { answers } = turnAt(recording, elapsed);
    for (const role of ROLES) {
      const come = recording.answers[role].at.filter((at) => at <= (elapsed ?? 0)).length;
      expect(answers[role].text).toBe(recording.answers[role].pieces.slice(0, come).join(""));
    }
  }
  expect(times).toEqual([...new Set([...teacher.at, ...student.at])].sort((a, b) => a - b));
});

test("who answers while the other does is said to share the GPU", async () => {
  const recording = await RECORDINGS.sky();
  const [first, second] = [...ROLES].sort((a, b) => recording.answers[a].at.at(-1)! - recording.answers[b].at.at(-1)!);
  const end = recording.answers[first!].at.at(-1)!;
  expect(turnAt(recording, end - 1).answers[second!].figures).toMatchObject({ sharedNow: true, shared: true });
  expect(turnAt(recording, end).answers[second!].figures).toMatchObject({ sharedNow: false, shared: true });
});
