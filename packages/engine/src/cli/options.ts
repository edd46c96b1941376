import { KV_FORMS } from "@alambic/kernels";
import { Model } from "../api/model.js";
import type {
  AdapterChoice,
  GenerateOptions,
  LoadOptions,
  ModelHandle,
  Precision,
  Quantize,
  Tune,
} from "../api/types.js";
import { type Arguments, type OptionSpec, UsageError } from "./command.js";
import { showProgress } from "./output.js";

export const jsonOption = {
  json: { type: "boolean", help: "print one JSON object and nothing else on stdout" },
} satisfies Record<string, OptionSpec>;

const QUANTIZE: readonly Quantize[] = ["none", "int8", "int4"];
const TUNE: readonly Tune[] = ["off", "cached", "full"];
const PRECISION: readonly Precision[] = ["exact", "fast"];

export const loadOptions = {
  quantize: { type: "string", value: QUANTIZE.join("|"), help: "what becomes of unquantised weights (default none)" },
  context: { type: "string", value: "N", help: "tokens to make room for (default: the model's own, 4096 at most)" },
  precision: { type: "string", value: PRECISION.join("|"), help: "exact is f32 throughout (default with --json)" },
  kv: { type: "string", value: KV_FORMS.join("|"), help: "how keys and values are kept (default f32 or, fast, f16)" },
  tune: {
    type: "string",
    value: TUNE.join("|"),
    help: "try kernels on this device: never, where not yet known, or anew",
  },
} satisfies Record<string, OptionSpec>;

export const adapterOptions = {
  lora: {
    type: "string",
    repeat: true,
    value: "DIR[=WEIGHT]",
    help: "add a LoRA adapter (PEFT), as strongly as WEIGHT says (default 1); may be given several times",
  },
} satisfies Record<string, OptionSpec>;

export const draftOption = {
  draft: {
    type: "string",
    value: "SOURCE",
    help: "a smaller model with the same tokenizer that writes ahead: the same text, sooner where it is often right",
  },
} satisfies Record<string, OptionSpec>;

export const samplingOptions = {
  "max-tokens": { type: "string", value: "N", help: "stop after N tokens (default: what the context holds)" },
  temperature: { type: "string", value: "T", help: "0, the default, always takes the likeliest token" },
  "top-k": { type: "string", value: "K", help: "sample among the K likeliest tokens" },
  "top-p": { type: "string", value: "P", help: "sample among the likeliest tokens that make up probability P" },
  "min-p": { type: "string", value: "P", help: "sample among tokens at least P times as likely as the likeliest" },
  seed: { type: "string", value: "S", help: "the same seed gives the same text" },
} satisfies Record<string, OptionSpec>;

/** How a model is loaded; `fallback` is the arithmetic where neither `--precision` nor `--json` says. */
export function readLoadOptions(args: Arguments, fallback: Precision, signal?: AbortSignal): LoadOptions {
  const quantize = args.choice("quantize", QUANTIZE);
  const contextLength = args.integer("context", 2);
  const precision = args.choice("precision", PRECISION) ?? (args.flag("json") ? "exact" : fallback);
  const kv = args.choice("kv", KV_FORMS);
  const tune = args.choice("tune", TUNE);
  return {
    precision,
    ...(tune && { tune }),
    ...(kv && { kv }),
    ...(quantize && { quantize }),
    ...(contextLength && { contextLength }),
    ...(signal && { signal }),
    ...(args.flag("json") ? {} : { onProgress: showProgress }),
  };
}

export function readSamplingOptions(args: Arguments): GenerateOptions {
  return definedOnly({
    maxTokens: args.integer("max-tokens", 0),
    temperature: args.number("temperature"),
    topK: args.integer("top-k", 0),
    topP: args.number("top-p"),
    minP: args.number("min-p"),
    seed: args.integer("seed", 0),
  });
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function definedOnly<T extends object>(options: T): Defined<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Defined<T>;
}

/** Loads the adapters that `--lora` names beside a model, and lets them act together. */
export async function addAdapters(model: ModelHandle, args: Arguments, signal?: AbortSignal): Promise<void> {
  const choices: AdapterChoice[] = [];
  for (const word of args.texts("lora")) {
    const { source, weight } = readAdapterOption(word);
    const name = `${choices.length + 1}: ${source}`; // the same folder may come twice
    await model.loadAdapter(source, { name, ...(signal && { signal }) });
    choices.push({ name, weight });
  }
  if (choices.length > 0) await model.setAdapters(choices);
}

/** The model that `--draft` names, as an option of an answer. */
export async function loadDraft(args: Arguments, options: LoadOptions): Promise<{ readonly draft?: Model }> {
  const source = args.text("draft");
  return source === undefined ? {} : { draft: await Model.load(source, options) };
}

/** `DIR=WEIGHT`, where what stands behind the last equals sign is a number; else all of it is the source. */
function readAdapterOption(word: string): { source: string; weight: number } {
  const [, source, weight] = /^(.+)=([^=]*)$/.exec(word) ?? [];
  if (source !== undefined && weight !== undefined && weight.trim() !== "" && Number.isFinite(Number(weight)))
    return { source, weight: Number(weight) };
  if (word.trim() === "") throw new UsageError("--lora is empty; it must be the folder of an adapter.");
  return { source: word, weight: 1 };
}
