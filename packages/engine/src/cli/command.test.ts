import { describe, expect, test } from "vitest";
import { Arguments, type Command, helpOf, parse, UsageError } from "./command.js";

const command: Command = {
  name: "sing",
  summary: "Sings a song.",
  operands: ["singer"],
  forms: ["<singer> --song TEXT", "<singer> --ids 1,2"],
  options: {
    song: { type: "string", value: "TEXT", help: "what to sing" },
    ids: { type: "string", value: "1,2", help: "notes" },
    times: { type: "string", value: "N", help: "how often" },
    key: { type: "string", value: "major|minor", help: "which key" },
    verse: { type: "string", value: "TEXT ...", help: "more to sing", list: true },
    loud: { type: "boolean", help: "for the back rows" },
  },
  run: async () => {},
};

describe("what is understood", () => {
  test("operands and options in any order", () => {
    const args = parse(command, ["--song", "la", "bob", "--loud", "--times=3", "--key", "minor", "--ids", "1, 2,3"]);
    expect(args.operands).toEqual(["bob"]);
    expect([args.text("song"), args.flag("loud"), args.integer("times", 1)]).toEqual(["la", true, 3]);
    expect([args.choice("key", ["major", "minor"]), args.ids("ids")]).toEqual(["minor", [1, 2, 3]]);
  });
  test("a text that begins with a dash, and an empty one", () => {
    expect(parse(command, ["bob", "--song", "--loud and clear"]).text("song")).toBe("--loud and clear");
    expect(parse(command, ["bob", "--song", ""]).text("song")).toBe("");
  });
  test("a list, each of its words and every time it is given", () => {
    const args = parse(command, ["bob", "--verse", "la", "-la", "--loud", "--verse", "--di", "da"]);
    expect([args.texts("verse"), args.flag("loud"), args.operands]).toEqual([
      ["la", "-la", "--di", "da"],
      true,
      ["bob"],
    ]);
    expect(parse(command, ["bob"]).texts("verse")).toEqual([]);
  });
  test("what is not given", () => {
    const args = new Arguments(["bob"], {});
    expect([
      args.text("song"),
      args.flag("loud"),
      args.number("times"),
      args.choice("key", ["major"]),
      args.ids("ids"),
    ]).toEqual([undefined, false, undefined, undefined, undefined]);
  });
});

describe("what is not", () => {
  const cases: { words: string[]; message: string }[] = [
    { words: [], message: "<singer> is missing." },
    { words: ["bob", "alice"], message: '"alice" is one word too many. Put texts with spaces in quotes.' },
    { words: ["bob", "--sogn", "la"], message: "Unknown option '--sogn'." },
    { words: ["bob", "--song"], message: "Option '--song <value>' argument missing." },
    { words: ["bob", "--loud=yes"], message: "Option '--loud' does not take an argument." },
  ];
  test.each(cases)("$words", ({ words, message }) => {
    expect(() => parse(command, words)).toThrow(UsageError);
    expect(() => parse(command, words)).toThrow(message);
  });

  const values: { words: string[]; read: (args: Arguments) => unknown; message: string }[] = [
    {
      words: ["--times", "often"],
      read: (args) => args.number("times"),
      message: '--times is "often"; it must be a number.',
    },
    {
      words: ["--times", "-1"],
      read: (args) => args.integer("times", 0),
      message: "--times is -1; it must be a whole number of at least 0.",
    },
    {
      words: ["--times", "1.5"],
      read: (args) => args.integer("times", 0),
      message: "--times is 1.5; it must be a whole number of at least 0.",
    },
    {
      words: ["--key", "blue"],
      read: (args) => args.choice("key", ["major", "minor"]),
      message: '--key is "blue"; it must be one of major, minor.',
    },
    {
      words: ["--ids", "1,,2"],
      read: (args) => args.ids("ids"),
      message: '--ids is "1,,2"; it must be token ids separated by commas, such as 1,2,3.',
    },
  ];
  test.each(values)("$words", ({ words, read, message }) => {
    const args = parse(command, ["bob", ...words]);
    expect(() => read(args)).toThrow(UsageError);
    expect(() => read(args)).toThrow(message);
  });
});

test("an option that may come several times", () => {
  const options = { ...command.options, verse: { type: "string", repeat: true, help: "which" } } as const;
  const args = parse({ ...command, options }, ["--verse", "1", "bob", "--verse=-2"]);
  expect(args.operands).toEqual(["bob"]);
  expect(args.texts("verse")).toEqual(["1", "-2"]);
  expect(parse({ ...command, options }, ["bob"]).texts("verse")).toEqual([]);
});

test("the help names every form and option", () => {
  expect(helpOf(command)).toBe(`Sings a song.

Usage: alambic sing <singer> --song TEXT
       alambic sing <singer> --ids 1,2

  <singer>: a folder, an http(s) address, or a Hub id such as HuggingFaceTB/SmolLM2-135M-Instruct

  --song TEXT        what to sing
  --ids 1,2          notes
  --times N          how often
  --key major|minor  which key
  --verse TEXT ...   more to sing
  --loud             for the back rows
  --help             this text
`);
});
