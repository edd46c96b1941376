import type { Message } from "../api/types.js";
import { readJson, readText, type Source } from "../sources/source.js";
import { ChatTemplate, noChatTemplate } from "./chat-template.js";
import { Detokenizer } from "./detokenizer.js";
import { endTokenIds } from "./end-tokens.js";
import { TokenizerError } from "./errors.js";
import { StopStrings } from "./stop.js";
import { Tokenizer } from "./tokenizer.js";

/** A model's dealings with text: tokenizer, chat template, and where answers end. All of it may be missing but the ids. */
export class ModelText {
  readonly #name: string;
  readonly #tokenizer: Tokenizer | undefined;
  readonly #template: ChatTemplate | undefined;
  readonly #endTokens: ReadonlySet<number>;

  constructor(
    name: string,
    parts: { tokenizer?: Tokenizer | undefined; template?: ChatTemplate | undefined; endTokens: readonly number[] },
  ) {
    this.#name = name;
    this.#tokenizer = parts.tokenizer;
    this.#template = parts.template;
    this.#endTokens = new Set(parts.endTokens);
  }

  /** Reads what a source holds of it: a checkpoint without a tokenizer can still be run on token ids. */
  static async read(source: Source, config: unknown, signal?: AbortSignal): Promise<ModelText> {
    const options = { signal };
    const [tokenizerJson, tokenizerConfig, generationConfig, jinja, json] = await Promise.all([
      readJson(source, "tokenizer.json", options),
      readJson(source, "tokenizer_config.json", options),
      readJson(source, "generation_config.json", options),
      readText(source, "chat_template.jinja", options),
      readJson(source, "chat_template.json", options),
    ]);
    const tokenizer = tokenizerJson === undefined ? undefined : new Tokenizer(tokenizerJson, tokenizerConfig ?? {});
    const template = ChatTemplate.find({ tokenizerConfig, jinja, json });
    // config.json's own end token is a last resort of text models; without a tokenizer the caller knows its ids best.
    const endTokens = endTokenIds({
      generationConfig,
      tokenizer,
      ...(tokenizer && generationConfig === undefined && { config }),
    });
    return new ModelText(source.name, { tokenizer, template, endTokens });
  }

  get hasTokenizer(): boolean {
    return this.#tokenizer !== undefined;
  }

  get hasChat(): boolean {
    return this.#tokenizer !== undefined && this.#template !== undefined;
  }

  /** Raw text to ids, as the tokenizer's own defaults have it. */
  encode(text: string): number[] {
    return this.#requireTokenizer().encode(text);
  }

  /** The same, cut to `most` ids, special tokens included. */
  encodeWithin(text: string, most: number): number[] {
    return this.#requireTokenizer().encodeWithin(text, most);
  }

  decode(ids: readonly number[]): string {
    return this.#requireTokenizer().decode(ids);
  }

  renderChat(messages: readonly Message[]): { text: string; ids: number[] } {
    const tokenizer = this.#requireTokenizer();
    if (!this.#template) throw noChatTemplate(this.#name);
    const text = this.#template.render(messages, { bosToken: tokenizer.bosToken, eosToken: tokenizer.eosToken });
    return { text, ids: tokenizer.encode(text, { addSpecialTokens: false }) };
  }

  /** Turns an answer's ids into text as they come, and says where it ends: at a stop, or at an end token unless told not to. */
  stream(stops: readonly string[], { ignoreEos = false }: { readonly ignoreEos?: boolean } = {}): TextStream {
    const detokenizer = this.#tokenizer && new Detokenizer(this.#tokenizer);
    return new TextStream(detokenizer, new StopStrings(stops), ignoreEos ? new Set() : this.#endTokens);
  }

  #requireTokenizer(): Tokenizer {
    if (this.#tokenizer) return this.#tokenizer;
    throw new TokenizerError(
      `${this.#name} has no tokenizer.json, so it understands token ids only. Pass ids, or add the model's tokenizer.json.`,
    );
  }
}

class TextStream {
  readonly #detokenizer: Detokenizer | undefined;
  readonly #stops: StopStrings;
  readonly #endTokens: ReadonlySet<number>;
  #stopped = false;

  constructor(detokenizer: Detokenizer | undefined, stops: StopStrings, endTokens: ReadonlySet<number>) {
    this.#detokenizer = detokenizer;
    this.#stops = stops;
    this.#endTokens = endTokens;
  }

  push(id: number): { text: string; ended: boolean } {
    if (this.#endTokens.has(id)) return { text: "", ended: true };
    const { text, stopped } = this.#stops.push(this.#detokenizer?.push(id) ?? "");
    this.#stopped = stopped;
    return { text, ended: stopped };
  }

  /** What was still held back. */
  end(): string {
    if (this.#stopped) return "";
    const { text, stopped } = this.#stops.push(this.#detokenizer?.flush() ?? "");
    return stopped ? text : text + this.#stops.flush();
  }
}
