import type { Pooling } from "../api/types.js";
import { ConfigError } from "../errors.js";
import { readJson, type Source } from "../sources/source.js";
import { isObject, type Json } from "./tokenizer-json.js";

/** How an encoder's checkpoint wants its texts cut and its hidden states made into one vector. */
export interface SentenceConfig {
  readonly pooling: Pooling;
  readonly normalize: boolean;
  /** Tokens of a text, `[CLS]` and `[SEP]` included; what is longer is cut. */
  readonly maxTokens: number;
  /** Whether texts are lower-cased before the tokenizer sees them. */
  readonly lowerCase: boolean;
  /** What stands before every text. */
  readonly prompt: string;
}

/** What sentence-transformers takes for an encoder without files of its own. */
export function plainSentence(maxTokens: number): SentenceConfig {
  return { pooling: "mean", normalize: false, maxTokens, lowerCase: false, prompt: "" };
}

/**
 * Reads what sentence-transformers writes beside a checkpoint: `modules.json`, the pooling module's `config.json`,
 * `sentence_bert_config.json` and `config_sentence_transformers.json`, in the spellings of its versions 2 to 6. Where
 * there is none, the mean of all tokens, as it does itself.
 *
 * @param positions - Tokens that the encoder has positions for.
 * @throws {@link ConfigError} for a module or a pooling that cannot be run.
 */
export async function readSentenceConfig(
  source: Source,
  positions: number,
  signal?: AbortSignal,
): Promise<SentenceConfig> {
  const read = async (path: string): Promise<Json> => {
    const json = await readJson(source, path, { signal });
    return isObject(json) ? json : {};
  };
  const [modules, sentence, tokenizer, prompts] = await Promise.all([
    readJson(source, "modules.json", { signal }),
    read("sentence_bert_config.json"),
    read("tokenizer_config.json"),
    read("config_sentence_transformers.json"),
  ]);
  const kinds = Array.isArray(modules) ? modules.map(moduleOf) : [];
  const pooling = kinds.find(({ kind }) => kind === "Pooling");
  const poolingConfig = pooling && (await read(`${pooling.path}/config.json`));
  const prompt = defaultPrompt(prompts);
  if (prompt !== "" && poolingConfig?.include_prompt === false)
    throw new ConfigError(
      `${pooling!.path}/config.json leaves the prompt ${JSON.stringify(prompt)} out of the pooling (include_prompt), which this version cannot. Use an encoder that pools all of a text.`,
    );
  return {
    pooling: poolingConfig ? poolingOf(poolingConfig, pooling.path) : "mean",
    normalize: kinds.some(({ kind }) => kind === "Normalize"),
    maxTokens: Math.min(
      lengthOf(sentence.max_seq_length) ?? lengthOf(tokenizer.model_max_length) ?? positions,
      positions,
    ),
    lowerCase: sentence.do_lower_case === true,
    prompt,
  };
}

const MODULES = ["Transformer", "Pooling", "Normalize"];

/** A module's class without its package, which moved from version to version, and its folder. */
function moduleOf(module: unknown): { readonly kind: string; readonly path: string } {
  const { type, path } = isObject(module) ? module : {};
  const kind = String(type).split(".").at(-1)!;
  if (MODULES.includes(kind)) return { kind, path: String(path) };
  throw new ConfigError(
    `modules.json asks for ${JSON.stringify(type)}; this version runs ${MODULES.join(", ")}. Use an encoder made of these, such as sentence-transformers/all-MiniLM-L6-v2.`,
  );
}

const POOLINGS: Readonly<Record<string, Pooling>> = { mean: "mean", cls: "cls" };

/** One name since version 5 or so; before, a switch for each. */
function poolingOf(config: Json, path: string): Pooling {
  const switched = Object.keys(config).filter((key) => /^pooling_mode_/.test(key) && config[key] === true);
  const names = config.pooling_mode ?? switched.map((key) => key.replace(/^pooling_mode_|_tokens?$/g, ""));
  const [name = "mean", ...more] = [names].flat() as unknown[];
  const pooling = typeof name === "string" && Object.hasOwn(POOLINGS, name) ? POOLINGS[name] : undefined;
  if (pooling && more.length === 0) return pooling;
  throw new ConfigError(
    `${path}/config.json asks for the pooling ${JSON.stringify(names)}; this version knows mean and cls. Use an encoder with one of these.`,
  );
}

/** A tokenizer without a limit writes a number with thirty digits. */
function lengthOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

function defaultPrompt({ prompts, default_prompt_name: name }: Json): string {
  const prompt = isObject(prompts) && typeof name === "string" ? prompts[name] : undefined;
  return typeof prompt === "string" ? prompt : "";
}
