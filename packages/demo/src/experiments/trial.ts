import type { Engine, Message, ModelHandle } from "@alambic/engine";
import type { Pair } from "../engine/pair.js";
import { EMBEDDED } from "../engine/roles.js";
import { orFail, unlessAborted } from "../engine/waiting.js";
import type { ChangeReply, ChangeRequest } from "./change.worker.js";
import type { Change } from "./changes.js";

/** What is done to the teacher, or what stands in its place. */
export type Trial = Change | { readonly kind: "student" } | { readonly kind: "adapter" };

/** How a trial's model reads a text that the teacher reads too. */
export interface Reading {
  /** KL(teacher ‖ other), nats a token. */
  readonly kl: number;
  readonly agreement: number;
  readonly perplexity: number;
  /** What one token reads from memory at least. */
  readonly bytes: number;
  /** The teacher's own. */
  readonly before: number;
  readonly bytesBefore: number;
}

/** Everything here was measured in the run that it tells of. */
export interface Outcome {
  /** Of a mixture of experts, one token uses `active`. */
  readonly parameters: { readonly total: number; readonly active: number };
  /** Of an adapter beside the teacher. */
  readonly added?: number;
  /** None of an adapter: it acts on the teacher itself, which cannot be read beside itself. */
  readonly reading?: Reading;
  readonly answer: Answered;
}

export interface Answered {
  readonly text: string;
  readonly tokens: number;
  /** Whether it ended by itself. */
  readonly ended: boolean;
}

export type Step = "change" | "load" | "read" | "answer";

export interface TrialOptions {
  readonly text: string;
  readonly prompt: string;
  readonly signal: AbortSignal;
  readonly onStep: (step: Step) => void;
}

/** Tokens of an answer: enough to see whether it makes sense. */
const ANSWER_TOKENS = 40;
/** Tokens of the text that are read. */
const READ_TOKENS = 128;
const ADAPTER = "one-sentence";

/** Greedy answers stay what they are: one of the teacher serves all trials of a pair. */
const answered = new WeakMap<Pair, Map<string, Answered>>();

/** The teacher's own answer, to be held beside the others'. */
export async function answerOf(pair: Pair, prompt: string, signal: AbortSignal): Promise<Answered> {
  const known = answered.get(pair) ?? new Map<string, Answered>();
  answered.set(pair, known);
  const answer = known.get(prompt) ?? (await guarded(pair, signal, ask(pair.models.teacher, prompt, signal)));
  known.set(prompt, answer);
  return answer;
}

export function runTrial(pair: Pair, trial: Trial, options: TrialOptions): Promise<Outcome> {
  const run = () => {
    if (trial.kind === "student") return judged(pair, pair.models.student, options);
    return trial.kind === "adapter" ? adapted(pair, options) : changedTeacher(pair, trial, options);
  };
  return guarded(pair, options.signal, run());
}

/** Loads the changed teacher beside the real one, judges it, and gives it back. */
async function changedTeacher(pair: Pair, trial: Change, options: TrialOptions): Promise<Outcome> {
  const { signal, onStep } = options;
  onStep("change");
  const folder = new URL(`models/${EMBEDDED.teacher.folder}/`, document.baseURI).href;
  const files = await changedFiles({ folder, change: trial }, signal);
  onStep("load");
  const model = await pair.engine.load(files, { signal });
  try {
    return await judged(pair, model, options);
  } finally {
    model.dispose();
  }
}

async function judged(pair: Pair, model: ModelHandle, options: TrialOptions): Promise<Outcome> {
  const { text, prompt, signal, onStep } = options;
  onStep("read");
  const ids = (await model.encode(text)).slice(0, READ_TOKENS);
  const reading = await read(pair.engine, pair.models.teacher, model, ids, signal);
  onStep("answer");
  const { total, active } = model.info.parameters;
  return {
    parameters: { total, active },
    reading,
    answer: await ask(model, prompt, signal),
  };
}

async function read(
  engine: Engine,
  teacher: ModelHandle,
  other: ModelHandle,
  ids: readonly number[],
  signal: AbortSignal,
): Promise<Reading> {
  const compared = await engine.compare(teacher, other, ids, { signal });
  const bytes = async (of: ModelHandle) =>
    (await of.planCosts({ prompt: ids.length, position: ids.length })).decode.bytes;
  return {
    kl: compared.mean_kl,
    agreement: compared.top1_agreement,
    perplexity: compared.student_perplexity ?? Number.NaN,
    bytes: await bytes(other),
    before: compared.teacher_perplexity ?? Number.NaN,
    bytesBefore: await bytes(teacher),
  };
}

/** The teacher with the adapter, which is taken off again as soon as the answer has begun: that keeps it to its end. */
async function adapted({ models: { teacher } }: Pair, { prompt, signal, onStep }: TrialOptions): Promise<Outcome> {
  onStep("load");
  const { parameters } = await teacher.loadAdapter(await adapterFiles(signal), { name: ADAPTER, signal });
  try {
    await teacher.setAdapters([{ name: ADAPTER }]);
    onStep("answer");
    const takeOff = () => teacher.setAdapters([]);
    const { total, active } = teacher.info.parameters;
    return { parameters: { total, active }, added: parameters, answer: await ask(teacher, prompt, signal, takeOff) };
  } finally {
    await teacher.unloadAdapter(ADAPTER);
  }
}

async function adapterFiles(signal: AbortSignal): Promise<File[]> {
  const config = new URL("../../lora/adapter_config.json", import.meta.url);
  const weights = new URL("../../lora/adapter_model.safetensors", import.meta.url);
  const named = { "adapter_config.json": config, "adapter_model.safetensors": weights };
  return Promise.all(
    Object.entries(named).map(async ([name, url]) => {
      const response = await fetch(url, { signal });
      if (!response.ok) throw new Error(`${name} could not be fetched: status ${response.status}.`);
      return new File([await response.blob()], name);
    }),
  );
}

async function ask(
  model: ModelHandle,
  prompt: string,
  signal: AbortSignal,
  onStart?: () => Promise<void>,
): Promise<Answered> {
  const messages: Message[] = [{ role: "user", content: prompt }];
  let [text, tokens, ended] = ["", 0, false];
  for await (const chunk of model.chat(messages, { maxTokens: ANSWER_TOKENS, signal })) {
    if (tokens === 0) await onStart?.();
    text += chunk.text;
    tokens += chunk.ids.length;
    ended = chunk.finishReason === "stop";
  }
  return { text, tokens, ended };
}

function changedFiles(request: ChangeRequest, signal: AbortSignal): Promise<readonly File[]> {
  const worker = new Worker(new URL("./change.worker.ts", import.meta.url), { type: "module", name: "alambic-change" });
  const changed = new Promise<readonly File[]>((resolve, reject) => {
    worker.addEventListener("message", ({ data }: MessageEvent<ChangeReply>) => {
      if ("files" in data) resolve(data.files);
      else reject(new Error(data.error));
    });
    worker.addEventListener("error", ({ message }) => reject(new Error(message || "The worker broke down.")));
  });
  worker.postMessage(request);
  return unlessAborted(changed, signal).finally(() => worker.terminate());
}

/** Ends with the signal, and when the pair is gone. */
function guarded<T>({ failed }: Pair, signal: AbortSignal, work: Promise<T>): Promise<T> {
  return orFail(unlessAborted(work, signal), failed);
}
