import { readFile } from "node:fs/promises";
import { Model } from "../../api/model.js";
import type { Answer, DraftFigures, Generation, Message, ModelHandle } from "../../api/types.js";
import { type Arguments, type Command, UsageError } from "../command.js";
import { firstTokenNotes } from "../first-token.js";
import { interruptible } from "../interrupt.js";
import {
  adapterOptions,
  addAdapters,
  draftOption,
  jsonOption,
  loadDraft,
  loadOptions,
  readLoadOptions,
  readSamplingOptions,
  samplingOptions,
} from "../options.js";
import { note, print, printJson } from "../output.js";

export const generate: Command = {
  name: "generate",
  summary: "Continues a text, a conversation or a sequence of token ids.",
  operands: ["source"],
  forms: [
    "<source> --prompt TEXT [options]",
    "<source> --messages FILE.json [options]",
    "<source> --ids 1,2,3 [options]",
  ],
  options: {
    prompt: { type: "string", value: "TEXT", help: "a raw text, without a chat template" },
    messages: {
      type: "string",
      value: "FILE.json",
      help: "a list of { role, content }, put through the chat template",
    },
    ids: { type: "string", value: "1,2,3", help: "token ids; works without a tokenizer" },
    ...samplingOptions,
    ...loadOptions,
    ...adapterOptions,
    ...draftOption,
    ...jsonOption,
  },
  async run(args) {
    const sampling = readSamplingOptions(args);
    const ask = await readRequest(args);
    const { signal, release } = interruptible();
    const loading = readLoadOptions(args, "fast", signal);
    const model = await Model.load(args.operands[0]!, loading);
    const drafting = await loadDraft(args, loading);
    try {
      await addAdapters(model, args, signal);
      const answer = ask(model, { ...sampling, ...drafting, signal });
      if (args.flag("json")) await printJson(report(await answer.result(), model));
      else await stream(answer, model);
    } finally {
      release();
      model.dispose();
      drafting.draft?.dispose();
    }
  },
};

type Ask = (model: ModelHandle, options: Parameters<ModelHandle["generate"]>[1]) => Answer;

async function readRequest(args: Arguments): Promise<Ask> {
  const prompt = args.text("prompt");
  const file = args.text("messages");
  const ids = args.ids("ids");
  if ([prompt, file, ids].filter((form) => form !== undefined).length !== 1) {
    throw new UsageError("Give exactly one of --prompt, --messages and --ids.");
  }
  if (file === undefined) return (model, options) => model.generate(ids ?? prompt!, options);
  const messages = await readMessages(file);
  return (model, options) => model.chat(messages, options);
}

async function readMessages(file: string): Promise<Message[]> {
  let messages: unknown;
  try {
    messages = JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw new UsageError(`--messages ${file} cannot be read: ${(cause as Error).message}.`, { cause });
  }
  const valid =
    Array.isArray(messages) &&
    messages.length > 0 &&
    messages.every((m) => typeof m?.role === "string" && typeof m?.content === "string");
  if (valid) return messages as Message[];
  throw new UsageError(
    `--messages ${file} must hold a list such as [{ "role": "user", "content": "Hello" }], each with a role and a content that are texts.`,
  );
}

async function stream(answer: Answer, { info, report }: Pick<ModelHandle, "info" | "report">): Promise<void> {
  let drafted: DraftFigures | undefined;
  for await (const { text, ids, finishReason, usage, timing, draft } of answer) {
    drafted = draft ?? drafted;
    await print(info.text ? text : ids.map((id) => `${id} `).join(""));
    if (!finishReason || !usage || !timing) continue;
    await print("\n");
    note(
      `${usage.promptTokens} + ${usage.completionTokens} tokens, ${timing.decodeTokensPerSecond.toFixed(1)} tokens/s, ended by ${finishReason}\n`,
    );
    note(firstTokenNotes(report, timing));
    if (drafted) note(`draft: ${described(drafted)}\n`);
  }
}

function described({ proposed, accepted, speedUp }: DraftFigures): string {
  const gain = speedUp === undefined ? "" : `, ${speedUp.toFixed(2)} times the model's own speed`;
  return `${accepted} of ${proposed} proposals accepted${gain}`;
}

function report(
  { promptIds, ids, text, finishReason, usage, timing, draft }: Generation,
  { info, report: loadReport }: ModelHandle,
) {
  return {
    prompt_ids: promptIds,
    ids,
    text,
    finish_reason: finishReason,
    usage: {
      prompt_tokens: usage.promptTokens,
      completion_tokens: usage.completionTokens,
      total_tokens: usage.promptTokens + usage.completionTokens,
    },
    timing: {
      load_ms: info.loadMs,
      load_phases_ms: loadReport.phasesMs,
      first_token_ms: timing.timeToFirstTokenMs,
      prefill_tok_s: timing.prefillTokensPerSecond,
      decode_tok_s: timing.decodeTokensPerSecond,
    },
    ...(draft && { draft: { proposed: draft.proposed, accepted: draft.accepted, speed_up: draft.speedUp } }),
    adapter: info.adapter.name,
  };
}
