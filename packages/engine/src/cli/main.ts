import { type Command, helpOf, parse, table, UsageError } from "./command.js";
import { cache } from "./commands/cache.js";
import { chat } from "./commands/chat.js";
import { compare } from "./commands/compare.js";
import { embed } from "./commands/embed.js";
import { generate } from "./commands/generate.js";
import { inspect } from "./commands/inspect.js";
import { logits } from "./commands/logits.js";
import { verify } from "./commands/verify.js";
import { note, print } from "./output.js";

const COMMANDS: readonly Command[] = [inspect, logits, generate, embed, compare, chat, cache, verify];

/**
 * Runs one command line.
 *
 * @param words - What stands after `alambic`.
 * @returns The exit status: 0, or 1 after an error, which is on stderr.
 */
export async function main(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  if (name === undefined) {
    note(overview());
    return 1;
  }
  if (name === "help" || name === "--help" || name === "-h") {
    await print(overview());
    return 0;
  }
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (!command) {
    note(
      `alambic: there is no command ${JSON.stringify(name)}. The commands are ${COMMANDS.map((c) => c.name).join(", ")}.\n`,
    );
    return 1;
  }
  if (rest.includes("--help") || rest.includes("-h")) {
    await print(helpOf(command));
    return 0;
  }
  try {
    await command.run(parse(command, rest));
    return 0;
  } catch (error) {
    note(`alambic ${command.name}: ${sentence(error)}\n`);
    return 1;
  }
}

function sentence(error: unknown): string {
  if (error instanceof UsageError) return `${error.message} See --help.`;
  if (process.env.ALAMBIC_DEBUG && error instanceof Error) return error.stack ?? error.message;
  return error instanceof Error ? error.message : String(error);
}

function overview(): string {
  return [
    "Runs Hugging Face checkpoints on WebGPU.",
    "",
    "Usage: alambic <command> <source> [options]",
    "",
    ...table(COMMANDS.map(({ name, summary }) => [name, summary] as const)),
    "",
    "alambic <command> --help tells more.",
    "",
  ].join("\n");
}
