import { type ParseArgsConfig, parseArgs } from "node:util";
import type { KvForm, Precision, Quantize } from "@alambic/engine";
import { PEER_KEYS, type PeerKey } from "../peers/keys.js";

/** Words on the command line that make no sense. */
export class UsageError extends Error {}

type Specs = NonNullable<ParseArgsConfig["options"]>;
type Values = Readonly<Record<string, string | boolean | undefined>>;

export const FORMATS = ["json", "jsonl", "csv", "md", "svg"] as const;
export type Format = (typeof FORMATS)[number];

/** Where each format goes: a file, or `-` for stdout. */
export type Outputs = Partial<Record<Format, string>>;

/** What other engines are measured on: the one model that all of them can be given. */
export const PEERS_MODEL = "smollm2-135m-instruct";

export interface MeasureArguments {
  readonly command: "measure";
  readonly prompts: readonly number[];
  readonly generated: readonly number[];
  readonly depths: readonly number[];
  readonly repetitions: number;
  readonly budgetSeconds: number;
  readonly models: readonly string[];
  readonly quantize: Quantize;
  readonly precision?: Precision;
  readonly kv?: KvForm;
  /** Begin with the small ones of the ladder, which slow adapters get through. */
  readonly smallestFirst: boolean;
  readonly quality: boolean;
  readonly software: boolean;
  /** Other engines after ours, on the teacher: those named, or all for an empty list. */
  readonly peers?: readonly PeerKey[];
  readonly outputs: Outputs;
}

export interface PlotArguments {
  readonly command: "plot";
  readonly files: readonly string[];
  readonly output: string;
}

export type Arguments = MeasureArguments | PlotArguments | { readonly command: "help" };

const HELP = { help: { type: "boolean", short: "h" } } satisfies Specs;

const MEASURE = {
  ...HELP,
  prompt: { type: "string", short: "p" },
  generate: { type: "string", short: "n" },
  depth: { type: "string", short: "d" },
  repetitions: { type: "string", short: "r" },
  models: { type: "string", short: "m" },
  quantize: { type: "string" },
  precision: { type: "string" },
  kv: { type: "string" },
  quick: { type: "boolean" },
  budget: { type: "string" },
  "no-quality": { type: "boolean" },
  software: { type: "boolean" },
  peers: { type: "string" },
  ...Object.fromEntries(FORMATS.map((format) => [format, { type: "string" } as const])),
} satisfies Specs;

const PLOT = { ...HELP, svg: { type: "string", short: "o" } } satisfies Specs;

/**
 * Reads what stands after the command's name.
 *
 * @throws {@link UsageError} saying which word is wrong and what would be right.
 */
export function readArguments(words: readonly string[]): Arguments {
  if (words[0] === "help") return { command: "help" };
  return words[0] === "plot" ? readPlot(words.slice(1)) : readMeasure(words);
}

function readMeasure(words: readonly string[]): Arguments {
  const { values, positionals } = parse(withDefaults(words), MEASURE);
  if (values.help) return { command: "help" };
  if (positionals.length > 0) {
    throw new UsageError(`${JSON.stringify(positionals[0])} is no command; there is "plot". Models go after --models.`);
  }
  const quick = values.quick === true;
  const others = peers(values);
  const precision = oneOf(values, "precision", ["exact", "fast"]);
  const kv = oneOf(values, "kv", ["f32", "f16", "int8"]);
  const outputs: Outputs = Object.fromEntries(
    FORMATS.flatMap((format) => (typeof values[format] === "string" ? [[format, values[format]]] : [])),
  );
  const printed = Object.entries(outputs).filter(([, file]) => file === "-");
  if (printed.length > 1) {
    throw new UsageError(
      `${printed.map(([format]) => `--${format}`).join(" and ")} cannot both go to stdout. Name a file.`,
    );
  }
  return {
    command: "measure",
    prompts: counts(values, "prompt", 0) ?? [quick ? 16 : 512],
    generated: counts(values, "generate", 0) ?? [quick ? 4 : 128],
    depths: counts(values, "depth", 0) ?? [0],
    repetitions: counts(values, "repetitions", 1, true)?.[0] ?? (quick ? 2 : 5),
    budgetSeconds: seconds(values) ?? (quick ? 60 : 300),
    models: text(values, "models")
      ?.split(",")
      .map((name) => name.trim())
      .filter(Boolean) ?? [others ? PEERS_MODEL : "all"],
    quantize: oneOf(values, "quantize", ["int4", "int8", "none"]) ?? "int4",
    ...(precision && { precision }),
    ...(kv && { kv }),
    smallestFirst: quick,
    quality: values["no-quality"] !== true,
    software: values.software === true,
    ...(others && { peers: others }),
    outputs,
  };
}

function readPlot(words: readonly string[]): Arguments {
  const { values, positionals } = parse(words, PLOT);
  if (values.help) return { command: "help" };
  if (positionals.length === 0)
    throw new UsageError("plot needs files that --json wrote: plot a.json b.json --svg all.svg");
  return { command: "plot", files: positionals, output: text(values, "svg") ?? "-" };
}

/** What options mean that stand alone: a format goes to stdout, and all peers are measured. */
function withDefaults(words: readonly string[]): string[] {
  return words.flatMap((word, index) => {
    const next = words[index + 1];
    if (next !== undefined && !/^-./.test(next)) return [word];
    if (FORMATS.some((format) => word === `--${format}`)) return [`${word}=-`];
    return word === "--peers" ? ["--peers=all"] : [word];
  });
}

function parse(words: readonly string[], options: Specs): { values: Values; positionals: string[] } {
  try {
    const parsed = parseArgs({ args: joinDash(words, options), options, allowPositionals: true, strict: true });
    return parsed as { values: Values; positionals: string[] };
  } catch (error) {
    // Node's messages go on about its own programming interface after the first sentence.
    throw new UsageError(`${(error as Error).message.split(". ")[0]}.`);
  }
}

/** `--json -` as `--json=-`: Node takes a dash alone for an option without its value. */
function joinDash(words: readonly string[], options: Specs): string[] {
  return words.flatMap((word, index) => {
    if (word === "-" && index > 0 && options[words[index - 1]!.slice(2)]?.type === "string") return [];
    return words[index + 1] === "-" && options[word.slice(2)]?.type === "string" ? [`${word}=-`] : [word];
  });
}

function text(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}

/** Whole numbers, separated by commas. */
function counts(values: Values, name: string, least: number, single = false): number[] | undefined {
  const given = text(values, name);
  if (given === undefined) return undefined;
  const numbers = given.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (!numbers.every((number) => Number.isSafeInteger(number) && number >= least) || (single && numbers.length > 1)) {
    const expected = single ? "a whole number" : "whole numbers, separated by commas,";
    throw new UsageError(`--${name} is ${JSON.stringify(given)}; it must be ${expected} of at least ${least}.`);
  }
  return numbers;
}

/** `300`, `90s`, `5m` */
function seconds(values: Values): number | undefined {
  const given = text(values, "budget");
  if (given === undefined) return undefined;
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*(s|m|min|h)?$/.exec(given) ?? [];
  if (number === undefined || Number(number) === 0) {
    throw new UsageError(`--budget is ${JSON.stringify(given)}; it must be a time such as 300, 90s, 5m or 1h.`);
  }
  return Number(number) * { s: 1, m: 60, min: 60, h: 3600 }[(unit ?? "s") as "s" | "m" | "min" | "h"];
}

function peers(values: Values): PeerKey[] | undefined {
  const given = text(values, "peers");
  if (given === undefined) return undefined;
  if (given === "all") return [];
  const names = given.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !PEER_KEYS.some((key) => key === name));
  if (unknown === undefined) return PEER_KEYS.filter((key) => names.includes(key));
  throw new UsageError(`--peers ${JSON.stringify(unknown)} is no engine known here: ${PEER_KEYS.join(", ")}.`);
}

function oneOf<Word extends string>(values: Values, name: string, words: readonly Word[]): Word | undefined {
  const given = text(values, name);
  const word = words.find((each) => each === given);
  if (given === undefined || word) return word;
  const expected = `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
  throw new UsageError(`--${name} is ${JSON.stringify(given)}; it must be ${expected}.`);
}
