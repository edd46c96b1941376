import { modelCache } from "../../sources/cache/model-cache.js";
import type { CacheEntry } from "../../sources/cache/store.js";
import { type Command, UsageError } from "../command.js";
import { jsonOption } from "../options.js";
import { mebibytes, print, printJson } from "../output.js";

export const cache: Command = {
  name: "cache",
  summary: "What of models is kept on this machine, and removing it.",
  operands: ["ls|rm", "name"],
  optional: 1,
  forms: ["ls [--json]", "rm <name> [--json]"],
  operandHelp:
    "<name>: a model as ls lists it, such as HuggingFaceTB/SmolLM2-135M-Instruct, with what was quantised from it; or one id of quantised weights",
  options: jsonOption,
  async run(args) {
    const [action, name] = args.operands;
    if (action === "ls" && name === undefined) return list(args.flag("json"));
    if (action === "rm" && name !== undefined) return remove(name, args.flag("json"));
    if (action === "rm") throw new UsageError("<name> is missing.");
    throw new UsageError(`cache knows ls and rm <name>, not ${JSON.stringify(args.operands.join(" "))}.`);
  },
};

async function list(json: boolean): Promise<void> {
  const all = modelCache();
  const [entries, { bytes, free }] = await Promise.all([all.list(), all.usage()]);
  if (json) return printJson({ entries, bytes, free });
  for (const entry of entries) await print(`${mebibytes(entry.bytes).padStart(12)}  ${titleOf(entry)}\n`);
  const left = free === undefined ? "" : `, ${mebibytes(free)} free`;
  await print(`${mebibytes(bytes).padStart(12)}  in all${left}\n`);
}

async function remove(name: string, json: boolean): Promise<void> {
  const all = modelCache();
  const isMeant = (entry: CacheEntry) => entry.id === name || (entry.kind === "packed" && isMadeFrom(entry, name));
  const meant = (await all.list()).filter(isMeant);
  if (meant.length === 0) throw new UsageError(`${name} is not in the cache. "alambic cache ls" lists what is.`);
  for (const entry of meant) await all.remove(entry);
  const freed = meant.reduce((sum, { bytes }) => sum + bytes, 0);
  if (json) return printJson({ removed: meant, bytes: freed });
  await print(`removed ${meant.map(titleOf).join(", ")}: ${mebibytes(freed)}\n`);
}

/** Their name begins with that of the model. */
function isMadeFrom({ name }: CacheEntry, model: string): boolean {
  return name.startsWith(`${model} as `) || name.startsWith(`${model}@`);
}

function titleOf({ kind, name, id }: CacheEntry): string {
  return kind === "model" ? name : `${name} (${id.slice(0, 12)})`;
}
