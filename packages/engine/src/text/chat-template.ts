import { Environment, Interpreter, Template } from "@huggingface/jinja";
import { ChatTemplateError } from "./errors.js";
import { strftime } from "./strftime.js";
import { isObject } from "./tokenizer-json.js";

/** Where a checkpoint may keep its template; a file of its own wins over the tokenizer's settings. */
export interface ChatTemplateFiles {
  /** `tokenizer_config.json`, parsed. */
  readonly tokenizerConfig?: unknown;
  /** The text of `chat_template.jinja`. */
  readonly jinja?: string | undefined;
  /** `chat_template.json`, parsed: `{ chat_template }`. */
  readonly json?: unknown;
}

export interface RenderOptions {
  /** End with the opening of the assistant's turn. Default: true. */
  readonly addGenerationPrompt?: boolean;
  readonly bosToken?: string | undefined;
  readonly eosToken?: string | undefined;
  /** JSON schemas of tools; a checkpoint may have a template of its own for them. */
  readonly tools?: readonly unknown[];
  /** What `strftime_now` in a template says; default: now. */
  readonly now?: Date;
  /** Further variables that the template knows, such as `enable_thinking`. */
  readonly variables?: Readonly<Record<string, unknown>>;
}

type Templates = ReadonlyMap<string, Template>;

/** The Jinja template with which a chat model was trained: messages in, one prompt out. */
export class ChatTemplate {
  readonly #templates: Templates;

  /**
   * @returns `undefined` where the checkpoint has no template (a base model).
   * @throws {@link ChatTemplateError} when a template is not valid Jinja.
   */
  static find(files: ChatTemplateFiles): ChatTemplate | undefined {
    const json = isObject(files.json) ? files.json.chat_template : undefined;
    const config = isObject(files.tokenizerConfig) ? files.tokenizerConfig.chat_template : undefined;
    const sources = named(files.jinja ?? json ?? config);
    return sources.size === 0 ? undefined : new ChatTemplate(sources);
  }

  constructor(sources: ReadonlyMap<string, string>) {
    this.#templates = new Map([...sources].map(([name, source]) => [name, compile(name, source)]));
  }

  /**
   * The prompt as text, special tokens written out. Encode it with `addSpecialTokens: false`.
   *
   * @throws {@link ChatTemplateError} when the template refuses the messages, in the template's own words, or fails on them.
   */
  render(messages: readonly unknown[], options: RenderOptions = {}): string {
    const { addGenerationPrompt = true, bosToken, eosToken, tools, now = new Date(), variables } = options;
    const variablesSeen = {
      ...globals(now),
      messages,
      tools: tools ?? null,
      documents: null,
      add_generation_prompt: addGenerationPrompt,
      ...(bosToken === undefined ? {} : { bos_token: bosToken }),
      ...(eosToken === undefined ? {} : { eos_token: eosToken }),
      ...variables,
    };
    try {
      return run(this.#choose(tools), variablesSeen);
    } catch (cause) {
      if (cause instanceof ChatTemplateError) throw cause;
      throw new ChatTemplateError(
        "chat-template-broken",
        `The chat template failed on these messages: ${(cause as Error).message}. Check that each message has a role and a content that the model knows, or use --prompt (generate()) with a prompt of your own.`,
        { cause },
      );
    }
  }

  #choose(tools: readonly unknown[] | undefined): Template {
    const template = (tools && this.#templates.get("tool_use")) ?? this.#templates.get("default");
    if (template) return template;
    throw new ChatTemplateError(
      "chat-template-missing",
      `The checkpoint has chat templates named ${[...this.#templates.keys()].join(", ")}, but none named default. Use --prompt (generate()) with a prompt of your own.`,
    );
  }
}

/** What to throw where messages were given and there is no template. */
export function noChatTemplate(model: string): ChatTemplateError {
  return new ChatTemplateError(
    "chat-template-missing",
    `${model} has no chat template (no chat_template in tokenizer_config.json, no chat_template.jinja): it is probably a base model, not made for conversation. Use --prompt (generate()) with a raw text.`,
  );
}

/** A template is one text, or a list of named ones: `default`, `tool_use`. */
function named(value: unknown): Map<string, string> {
  if (typeof value === "string") return new Map([["default", value]]);
  const entries: unknown[] = Array.isArray(value)
    ? value.map((entry) => (isObject(entry) ? [entry.name, entry.template] : []))
    : isObject(value)
      ? Object.entries(value)
      : [];
  return new Map(
    entries.filter(
      (entry): entry is [string, string] =>
        Array.isArray(entry) && typeof entry[0] === "string" && typeof entry[1] === "string",
    ),
  );
}

function compile(name: string, source: string): Template {
  try {
    return new Template(source);
  } catch (cause) {
    throw new ChatTemplateError(
      "chat-template-broken",
      `The chat template ${JSON.stringify(name)} cannot be read: ${(cause as Error).message}. Correct it, or use --prompt (generate()) with a prompt of your own.`,
      { cause },
    );
  }
}

/** As `Template.render`, but with globals of our own: the library's cannot be replaced. */
function run(template: Template, variables: Readonly<Record<string, unknown>>): string {
  const environment = new Environment();
  for (const [name, value] of Object.entries(variables)) environment.set(name, value);
  return new Interpreter(environment).run(template.parsed).value;
}

function globals(now: Date): Record<string, unknown> {
  return {
    ...{ true: true, True: true, false: false, False: false, none: null, None: null },
    range,
    raise_exception: refuse,
    // The library's own speaks the language of the machine; models were trained on English month names.
    strftime_now: (format: string) => strftime(now, format),
  };
}

/** Python's. */
function range(first: number, second?: number, step = 1): number[] {
  const [start, stop] = second === undefined ? [0, first] : [first, second];
  return Array.from({ length: Math.max(0, Math.ceil((stop - start) / step)) }, (_, index) => start + index * step);
}

function refuse(message: string): never {
  throw new ChatTemplateError("chat-template-refused", `The model's chat template refused these messages: ${message}`);
}
