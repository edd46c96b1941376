import { ConfigError } from "../errors.js";
import type { RawConfig } from "./config.js";
import type { Architecture, Family } from "./family.js";

/** By `model_type` of config.json. A new family is a new file and a line here. */
const FAMILIES: Readonly<Record<string, () => Promise<{ family: Family }>>> = {
  bert: () => import("./bert.js"),
  gemma: () => import("./gemma.js"),
  gemma2: () => import("./gemma2.js"),
  gemma3_text: () => import("./gemma3.js"),
  granite: () => import("./granite.js"),
  llama: () => import("./llama.js"),
  mistral: () => import("./mistral.js"),
  mixtral: () => import("./mixtral.js"),
  olmo2: () => import("./olmo2.js"),
  phi3: () => import("./phi3.js"),
  qwen2: () => import("./qwen2.js"),
  qwen2_moe: () => import("./qwen2-moe.js"),
  qwen3: () => import("./qwen3.js"),
  qwen3_moe: () => import("./qwen3-moe.js"),
  roberta: () => import("./roberta.js"),
  smollm3: () => import("./smollm3.js"),
  "xlm-roberta": () => import("./roberta.js"),
};

/** @throws {@link ConfigError} for a family that is not known, naming those that are, the nearest first. */
export async function loadFamily(config: RawConfig): Promise<{ name: string; architecture: Architecture }> {
  const name = config.model_type;
  const known = Object.keys(FAMILIES);
  if (typeof name !== "string" || !Object.hasOwn(FAMILIES, name)) {
    const nearest = typeof name === "string" ? known.toSorted((a, b) => distance(a, name) - distance(b, name)) : known;
    throw new ConfigError(
      `config.json: model_type is ${name === undefined ? "missing" : JSON.stringify(name)}, a family this version does not know. It knows: ${nearest.join(", ")}. Choose a checkpoint of one of these families.`,
    );
  }
  const { family } = await FAMILIES[name]!();
  return { name, architecture: family(config) };
}

/** Edits between two names (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}
