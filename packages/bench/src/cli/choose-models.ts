import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Quantize } from "@alambic/engine";
import type { Candidate } from "../core/candidate.js";
import { checkpoint, REFERENCES, SYNTHETIC_SHAPES, synthetic } from "../core/ladder.js";
import { UsageError } from "./options.js";

/** The repository's models, seen from `dist/cli` and from `src/cli` alike. */
export const MODELS = fileURLToPath(new URL("../../../../models/", import.meta.url));
/** The ladder's beginning by size. */
const SMALLEST = ["synthetic-15m", "synthetic-30m", "smollm2-81m-student", "smollm2-135m-instruct"];
const EMBEDDED = ["smollm2-135m-instruct", "smollm2-81m-student"];

/**
 * What `--models` names, each once.
 *
 * @throws {@link UsageError} for a name that is neither in the ladder, nor a folder, nor of a Hub id's form.
 */
export function chooseModels(
  names: readonly string[],
  { quantize, smallestFirst = false }: { readonly quantize: Quantize; readonly smallestFirst?: boolean },
): Candidate[] {
  const chosen = new Map<string, Candidate>();
  for (const name of names) {
    for (const candidate of candidates(name, quantize)) chosen.set(candidate.name, candidate);
  }
  const all = [...chosen.values()];
  if (!smallestFirst) return all;
  const first = all.filter(({ name }) => SMALLEST.includes(name)).toSorted((a, b) => place(a) - place(b));
  return [...first, ...all.filter((candidate) => !first.includes(candidate))];
}

function candidates(name: string, quantize: Quantize): Candidate[] {
  const real = () =>
    EMBEDDED.map((id) => checkpoint(id, `${MODELS}${id}`, { ...(REFERENCES[id] && { reference: REFERENCES[id] }) }));
  const random = () => SYNTHETIC_SHAPES.map((each) => synthetic(each.name, each.config, quantize));
  if (name === "all") return [...real(), ...random()];
  if (name === "real") return real();
  if (name === "synthetic") return random();
  const known = [...real(), ...random()].find((candidate) => candidate.name === name);
  if (known) return [known];
  const folder = resolve(name);
  if (existsSync(folder)) return [checkpoint(basename(folder), folder, { quantize })];
  if (/^[\w.-]+\/[\w.-]+(@[\w./-]+)?$/.test(name) || /^https?:\/\//.test(name))
    return [checkpoint(name, name, { quantize })];
  const all = ["all", "real", "synthetic", ...EMBEDDED, ...SYNTHETIC_SHAPES.map((each) => each.name)];
  throw new UsageError(
    `--models ${JSON.stringify(name)} is no folder and no Hub id, and none of the ladder's: ${all.join(", ")}.`,
  );
}

function place({ name }: Candidate): number {
  return SMALLEST.indexOf(name);
}
