import { expect, test } from "vitest";
import { StopStrings } from "./stop.js";

const cases = [
  { why: "no stop strings: all of it", stops: [], text: "abc", answer: "abc", stopped: false },
  { why: "a stop string in the middle", stops: ["\n\n"], text: "one\ntwo\n\nthree", answer: "one\ntwo", stopped: true },
  { why: "a stop string at once", stops: ["a"], text: "abc", answer: "", stopped: true },
  {
    why: "a start of a stop string that comes to nothing",
    stops: ["</s>"],
    text: "a </b> <</",
    answer: "a </b> <</",
    stopped: false,
  },
  { why: "a start inside a start", stops: ["aab"], text: "xaaab!", answer: "xa", stopped: true },
  { why: "the first complete one wins", stops: ["abcd", "bc"], text: "xabcdy", answer: "xa", stopped: true },
  { why: "of two complete together, the longer", stops: ["b", "ab"], text: "xab", answer: "x", stopped: true },
  { why: "surrogate pairs", stops: ["🙂🙃"], text: "a🙂🙂🙃b", answer: "a🙂", stopped: true },
];

test.each(cases)("$why", ({ stops, text, answer, stopped }) => {
  for (let size = 1; size <= text.length; size++) {
    const stream = new StopStrings(stops);
    let given = "";
    let ended = false;
    for (let start = 0; start < text.length; start += size) {
      const step = stream.push(text.slice(start, start + size));
      given += step.text;
      ended = step.stopped;
      expect(answer.startsWith(given)).toBe(true);
    }
    expect({ size, text: given + stream.flush(), ended }).toEqual({ size, text: answer, ended: stopped });
  }
});

test("nothing is held back that cannot be the start of a stop string", () => {
  const stream = new StopStrings(["END"]);
  expect(stream.push("the ")).toEqual({ text: "the ", stopped: false });
  expect(stream.push("E")).toEqual({ text: "", stopped: false });
  expect(stream.push("ar")).toEqual({ text: "Ear", stopped: false });
});

test("after a stop nothing comes out", () => {
  const stream = new StopStrings(["."]);
  expect(stream.push("a. b")).toEqual({ text: "a", stopped: true });
  expect(stream.push("c")).toEqual({ text: "", stopped: true });
  expect(stream.flush()).toBe("");
});

test("an empty stop string is an error", () => {
  expect(() => new StopStrings(["", "a"])).toThrow(
    "A stop string is empty; it would end every answer at once. Leave it out.",
  );
});
