import { parseArgs } from "node:util";

/** An option of a command. Its key in `options` is its name on the command line. */
export interface OptionSpec {
  readonly type: "string" | "boolean";
  /** What stands for the value in the help: `N`, `TEXT`. */
  readonly value?: string;
  readonly help: string;
  /** May be given several times, and takes every word up to the next option. */
  readonly list?: boolean;
  /** May be given several times, one word each. */
  readonly repeat?: boolean;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Names of the positional arguments. */
  readonly operands: readonly string[];
  /** How many of them may be left out, from the end. Default 0. */
  readonly optional?: number;
  /** What they are, for the help. Default: sources. */
  readonly operandHelp?: string;
  /** The forms of the command after its name, for the help. */
  readonly forms: readonly string[];
  readonly options: Readonly<Record<string, OptionSpec>>;
  run(args: Arguments): Promise<void>;
}

/** Words on the command line that make no sense. */
export class UsageError extends Error {}

type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

/** A parsed command line. */
export class Arguments {
  readonly operands: readonly string[];
  readonly #values: Values;

  constructor(operands: readonly string[], values: Values) {
    this.operands = operands;
    this.#values = values;
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === "string" ? value : undefined;
  }

  /** Of an option that is a list, or may be repeated. */
  texts(name: string): readonly string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value : [];
  }

  number(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value)) {
      throw new UsageError(`--${name} is ${JSON.stringify(text)}; it must be a number.`);
    }
    return value;
  }

  /** A whole number of at least `least`. */
  integer(name: string, least: number): number | undefined {
    const value = this.number(name);
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= least)) {
      throw new UsageError(`--${name} is ${this.text(name)}; it must be a whole number of at least ${least}.`);
    }
    return value;
  }

  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const text = this.text(name);
    if (text === undefined || choices.includes(text as T)) return text as T | undefined;
    throw new UsageError(`--${name} is ${JSON.stringify(text)}; it must be one of ${choices.join(", ")}.`);
  }

  /** Token ids, separated by commas. */
  ids(name: string): number[] | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!/^\s*\d+(\s*,\s*\d+)*\s*$/.test(text)) {
      throw new UsageError(
        `--${name} is ${JSON.stringify(text)}; it must be token ids separated by commas, such as 1,2,3.`,
      );
    }
    return text.split(",").map(Number);
  }
}

/** @throws {@link UsageError} for unknown options, missing values and operands that are missing or too many. */
export function parse(command: Command, words: readonly string[]): Arguments {
  const options = Object.fromEntries(
    Object.entries(command.options).map(([name, { type, list, repeat }]) => [
      name,
      { type, multiple: list === true || repeat === true },
    ]),
  );
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: joinValues(words, command.options), options, allowPositionals: true, strict: true });
  } catch (error) {
    // Node's messages go on about its own programming interface after the first sentence.
    throw new UsageError(`${(error as Error).message.split(". ")[0]}.`);
  }
  const { operands, optional = 0 } = command;
  const given = parsed.positionals;
  if (given.length < operands.length - optional) throw new UsageError(`<${operands[given.length]}> is missing.`);
  if (given.length > operands.length) {
    throw new UsageError(
      `${JSON.stringify(given[operands.length])} is one word too many. Put texts with spaces in quotes.`,
    );
  }
  return new Arguments(given, parsed.values);
}

/** `--prompt X` as `--prompt=X`, so that a text may begin with a dash. */
function joinValues(words: readonly string[], options: Command["options"]): string[] {
  const joined: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === "--") return [...joined, ...words.slice(i)];
    const takesValue = word.startsWith("--") && options[word.slice(2)]?.type === "string";
    joined.push(takesValue && i + 1 < words.length ? `${word}=${words[++i]}` : word);
    if (!takesValue || !options[word.slice(2)]?.list) continue;
    while (i + 1 < words.length && !words[i + 1]!.startsWith("--")) joined.push(`${word}=${words[++i]}`);
  }
  return joined;
}

export function helpOf(command: Command): string {
  const rows = Object.entries(command.options).map(([name, { value, help }]): [string, string] => [
    `--${name}${value ? ` ${value}` : ""}`,
    help,
  ]);
  return [
    command.summary,
    "",
    ...command.forms.map((form, i) => `${i === 0 ? "Usage:" : "      "} alambic ${command.name} ${form}`),
    "",
    `  ${command.operandHelp ?? `${command.operands.map((operand) => `<${operand}>`).join(", ")}: a folder, an http(s) address, or a Hub id such as HuggingFaceTB/SmolLM2-135M-Instruct`}`,
    "",
    ...table([...rows, ["--help", "this text"]]),
    "",
  ].join("\n");
}

/** Two columns. */
export function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
