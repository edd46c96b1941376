import { createInterface, type Interface } from "node:readline";
import { Model } from "../../api/model.js";
import type { GenerateOptions, Message, SessionHandle } from "../../api/types.js";
import { EngineError } from "../../errors.js";
import { noChatTemplate } from "../../text/chat-template.js";
import type { Command } from "../command.js";
import {
  adapterOptions,
  addAdapters,
  draftOption,
  loadDraft,
  loadOptions,
  readLoadOptions,
  readSamplingOptions,
  samplingOptions,
} from "../options.js";
import { note, print } from "../output.js";

export const chat: Command = {
  name: "chat",
  summary:
    "A conversation on the terminal. Ctrl-C stops the answer; /clear starts anew; /exit or Ctrl-C at the prompt leaves.",
  operands: ["source"],
  forms: ["<source> [options]"],
  options: {
    system: { type: "string", value: "TEXT", help: "a system message in front of the conversation" },
    ...samplingOptions,
    ...loadOptions,
    ...adapterOptions,
    ...draftOption,
  },
  async run(args) {
    const sampling = readSamplingOptions(args);
    const loading = readLoadOptions(args, "fast");
    const model = await Model.load(args.operands[0]!, loading);
    const session = model.session(); // an encoder has none, and says so
    if (!model.info.chat) throw noChatTemplate(model.info.name);
    await addAdapters(model, args);
    const drafting = await loadDraft(args, loading);
    const { name, adapter } = model.info;
    note(`${name} on ${adapter.name}${adapter.kind === "software" ? " (software, slow)" : ""}. /exit leaves.\n`);
    const system = args.text("system");
    await converse(session, system === undefined ? [] : [{ role: "system", content: system }], {
      ...sampling,
      ...drafting,
    });
    model.dispose();
    drafting.draft?.dispose();
  },
};

async function converse(session: SessionHandle, opening: readonly Message[], sampling: GenerateOptions): Promise<void> {
  const terminal = process.stdin.isTTY === true;
  const lines = createInterface({ input: process.stdin, ...(terminal && { output: process.stdout }), prompt: "> " });
  let messages = [...opening];
  let answering: AbortController | undefined;
  // At the prompt of a terminal readline catches Ctrl-C itself; elsewhere the process gets it.
  const onInterrupt = () => (answering ? answering.abort() : lines.close());
  lines.on("SIGINT", onInterrupt);
  process.on("SIGINT", onInterrupt);
  try {
    for await (const line of prompted(lines, terminal)) {
      const said = line.trim();
      if (said === "/exit" || said === "/quit") break;
      if (said === "/clear") messages = [...opening];
      if (said === "" || said === "/clear") continue;
      messages.push({ role: "user", content: said });
      answering = new AbortController();
      try {
        const text = await answer(session, messages, { ...sampling, signal: answering.signal });
        messages.push({ role: "assistant", content: text });
      } catch (error) {
        // A conversation that outgrew the context, or that the template refuses, need not end the program.
        if (!(error instanceof EngineError)) throw error;
        messages.pop();
        note(`${error.message} /clear starts the conversation anew.\n`);
      }
      answering = undefined;
    }
  } finally {
    process.off("SIGINT", onInterrupt);
    lines.close();
  }
}

/** Lines as they come, each asked for with a prompt. */
async function* prompted(lines: Interface, terminal: boolean): AsyncGenerator<string> {
  if (terminal) lines.prompt();
  for await (const line of lines) {
    yield line;
    if (terminal) lines.prompt();
  }
}

/** Prints the answer as it comes; what was said until an interruption counts as said. */
async function answer(session: SessionHandle, messages: readonly Message[], options: GenerateOptions): Promise<string> {
  let whole = "";
  for await (const { text, finishReason } of session.chat(messages, options)) {
    whole += text;
    await print(text);
    if (finishReason === "abort") note(" [stopped]");
  }
  await print("\n");
  return whole;
}
