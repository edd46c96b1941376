import { expect, test } from "vitest";
import { readArguments, UsageError } from "./options.js";
import { progressLine } from "./progress.js";

const defaults = {
  command: "measure",
  prompts: [512],
  generated: [128],
  depths: [0],
  repetitions: 5,
  budgetSeconds: 300,
  models: ["all"],
  quantize: "int4",
  smallestFirst: false,
  quality: true,
  software: false,
  outputs: {},
};

const cases: { why: string; words: string[]; changes: object }[] = [
  { why: "nothing given", words: [], changes: {} },
  {
    why: "llama-bench's letters",
    words: ["-p", "16,32", "-n", "0", "-d", "0,64", "-r", "2"],
    changes: { prompts: [16, 32], generated: [0], depths: [0, 64], repetitions: 2 },
  },
  {
    why: "long names",
    words: ["--prompt=16", "--generate", "4", "--models", "real, a/b", "--no-quality"],
    changes: { prompts: [16], generated: [4], models: ["real", "a/b"], quality: false },
  },
  {
    why: "quick",
    words: ["--quick"],
    changes: { prompts: [16], generated: [4], repetitions: 2, budgetSeconds: 60, smallestFirst: true },
  },
  {
    why: "quick gives way to what is given",
    words: ["--quick", "-n", "3", "--budget", "2m"],
    changes: { prompts: [16], generated: [3], repetitions: 2, budgetSeconds: 120, smallestFirst: true },
  },
  { why: "precision", words: ["--precision", "fast", "--kv", "int8"], changes: { precision: "fast", kv: "int8" } },
  { why: "peers", words: ["--peers"], changes: { peers: [], models: ["smollm2-135m-instruct"] } },
  { why: "peers beside others", words: ["--peers", "-m", "real"], changes: { peers: [], models: ["real"] } },
  {
    why: "formats with a file",
    words: ["--json", "a.json", "--svg=b.svg"],
    changes: { outputs: { json: "a.json", svg: "b.svg" } },
  },
  { why: "a format without a file, at the end", words: ["--json"], changes: { outputs: { json: "-" } } },
  {
    why: "a format without a file, before another option",
    words: ["--csv", "-r", "1"],
    changes: { outputs: { csv: "-" }, repetitions: 1 },
  },
  {
    why: "a dash for stdout",
    words: ["--md", "-", "--quantize", "none"],
    changes: { outputs: { md: "-" }, quantize: "none" },
  },
];
test.each(cases)("$why", ({ words, changes }) => {
  expect(readArguments(words)).toEqual({ ...defaults, ...changes });
});

test.each([
  { words: ["--help"], expected: { command: "help" } },
  { words: ["-h"], expected: { command: "help" } },
  { words: ["plot", "--help"], expected: { command: "help" } },
  { words: ["plot", "a", "b"], expected: { command: "plot", files: ["a", "b"], output: "-" } },
  { words: ["plot", "a", "--svg", "x.svg"], expected: { command: "plot", files: ["a"], output: "x.svg" } },
])("$words", ({ words, expected }) => {
  expect(readArguments(words)).toEqual(expected);
});

test.each([
  {
    words: ["-p", "many"],
    message: '--prompt is "many"; it must be whole numbers, separated by commas, of at least 0.',
  },
  { words: ["-r", "0"], message: '--repetitions is "0"; it must be a whole number of at least 1.' },
  { words: ["-r", "1,2"], message: '--repetitions is "1,2"' },
  { words: ["-n", "1,,2"], message: '--generate is "1,,2"' },
  { words: ["--budget", "soon"], message: '--budget is "soon"; it must be a time such as 300, 90s, 5m or 1h.' },
  { words: ["--budget", "0"], message: '--budget is "0"' },
  { words: ["--quantize", "int3"], message: '--quantize is "int3"; it must be int4, int8 or none.' },
  { words: ["--jsn"], message: "Unknown option '--jsn'." },
  { words: ["smollm2"], message: '"smollm2" is no command; there is "plot". Models go after --models.' },
  { words: ["--json", "--csv"], message: "--json and --csv cannot both go to stdout. Name a file." },
  { words: ["plot"], message: "plot needs files that --json wrote" },
])("$words makes no sense", ({ words, message }) => {
  expect(() => readArguments(words)).toThrow(UsageError);
  expect(() => readArguments(words)).toThrow(message);
});

test("the line of progress", () => {
  const progress = { phase: "run", model: "m", test: "tg128", run: 2, of: 5, spent: 0.25 } as const;
  expect(progressLine(progress, 300)).toBe("[=====               ] 75 s of 5 min  m, tg128, run 2 of 5");
});
