import { Tokenizer as BackendClass } from "@huggingface/tokenizers";
import { TokenizerError } from "./errors.js";
import { type AddedTokenJson, isObject, type Json, restate, tokenText } from "./tokenizer-json.js";

export interface EncodeOptions {
  /**
   * Whether the tokenizer may add what its `post_processor` asks for (a `<s>` in front, for instance). Default: true, as
   * for a raw text. A rendered chat template already holds its special tokens: pass false.
   */
  readonly addSpecialTokens?: boolean;
}

export interface DecodeOptions {
  /** Leave special tokens out of the text. Default: true. */
  readonly skipSpecialTokens?: boolean;
}

/** What is used of the library, whose own declarations cannot be resolved under Node's module rules. */
interface Backend {
  readonly decoder: Decoder | null;
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] };
  decode(ids: number[], options: { clean_up_tokenization_spaces: boolean }): string;
  token_to_id(token: string): number | undefined;
  id_to_token(id: number): string | undefined;
  get_vocab(): Map<string, number>;
}

interface Decoder {
  readonly config: { readonly type: string };
  /** Of a `Sequence`. */
  readonly decoders?: readonly Decoder[];
  /** Of a `ByteFallback`. */
  text_decoder?: TextDecoder;
}

/** The kinds of `model.type` in tokenizer.json that are supported. */
const MODEL_TYPES = ["BPE", "Unigram", "WordPiece"];

/**
 * Text to token ids and back, as a Hugging Face `tokenizer.json` says.
 *
 * Ids are those that the Rust crate `tokenizers` gives for the same file. A tokenizer class named in
 * `tokenizer_config.json` is not consulted: the file itself says how text is cut.
 */
export class Tokenizer {
  /** One more than the largest id, added tokens included. A model's own vocabulary may be padded beyond it. */
  readonly vocabSize: number;
  readonly bosToken: string | undefined;
  readonly eosToken: string | undefined;
  readonly bosTokenId: number | undefined;
  readonly eosTokenId: number | undefined;
  readonly #backend: Backend;
  readonly #specialTokens: ReadonlyMap<string, number>;
  readonly #specialIds: ReadonlySet<number>;
  readonly #cleanUp: boolean;

  /**
   * @param tokenizer - `tokenizer.json`, parsed; `undefined` where the checkpoint has none.
   * @param config - `tokenizer_config.json`, parsed; may be absent.
   * @throws {@link TokenizerError} when tokenizer.json is missing, broken or of a kind that is not supported.
   */
  constructor(tokenizer: unknown, config: unknown = {}) {
    const settings = isObject(config) ? config : {};
    const restated = restate(check(tokenizer), settings);
    this.#backend = build(restated, settings);
    const vocabulary = this.#backend.get_vocab();
    this.vocabSize = vocabulary.size === 0 ? 0 : 1 + largest(vocabulary.values());

    const special = (restated.added_tokens as AddedTokenJson[]).filter((token) => token.special);
    this.#specialTokens = new Map(special.map((token) => [token.content, token.id]));
    this.#specialIds = new Set(special.map((token) => token.id));
    this.bosToken = tokenText(settings.bos_token);
    this.eosToken = tokenText(settings.eos_token);
    this.bosTokenId = this.#idOf(this.bosToken);
    this.eosTokenId = this.#idOf(this.eosToken);
    // transformers ignores this setting for BPE, where it would eat real spaces.
    this.#cleanUp = settings.clean_up_tokenization_spaces === true && (restated.model as Json).type !== "BPE";
  }

  /** Token ids of a text. Special tokens written out in the text (`<|im_end|>`) become their ids. */
  encode(text: string, { addSpecialTokens = true }: EncodeOptions = {}): number[] {
    return this.#backend.encode(text, { add_special_tokens: addSpecialTokens }).ids;
  }

  /** The same, cut to `most` ids: special tokens at the ends stay, what stands before the last of them goes. */
  encodeWithin(text: string, most: number): number[] {
    const ids = this.encode(text);
    if (ids.length <= most) return ids;
    const bare = this.encode(text, { addSpecialTokens: false });
    const special = ids.length - bare.length;
    let before = 0; // special tokens in front
    while (before < special && !bare.every((id, i) => id === ids[before + i])) before++;
    return [...ids.slice(0, before), ...bare.slice(0, Math.max(0, most - special)), ...ids.slice(before + bare.length)];
  }

  /** The text of token ids. Ids outside the vocabulary have no text; bytes that are not UTF-8 come out as U+FFFD. */
  decode(ids: readonly number[], { skipSpecialTokens = true }: DecodeOptions = {}): string {
    const known = ids.filter((id) => this.hasText(id) || (!skipSpecialTokens && this.isSpecial(id)));
    if (known.length === 0) return "";
    return this.#backend.decode(known, { clean_up_tokenization_spaces: this.#cleanUp });
  }

  isSpecial(id: number): boolean {
    return this.#specialIds.has(id);
  }

  /** Whether the id is one of the vocabulary and no special token. */
  hasText(id: number): boolean {
    return !this.isSpecial(id) && this.#backend.id_to_token(id) !== undefined;
  }

  /** The id of a special token by its text, e.g. `<|im_end|>`. */
  specialTokenId(token: string): number | undefined {
    return this.#specialTokens.get(token);
  }

  #idOf(token: string | undefined): number | undefined {
    return token === undefined ? undefined : this.#backend.token_to_id(token);
  }
}

function check(tokenizer: unknown): Json {
  if (tokenizer === undefined || tokenizer === null) {
    throw new TokenizerError(
      "The checkpoint has no tokenizer.json, so text cannot be turned into tokens. Pass token ids instead (--ids on the command line), or convert its tokenizer with `AutoTokenizer.from_pretrained(...).save_pretrained(...)` in transformers.",
    );
  }
  if (!isObject(tokenizer) || !isObject(tokenizer.model)) {
    throw new TokenizerError(
      'tokenizer.json has no "model" section: it is no tokenizer of the Hugging Face kind, or it was cut short. Fetch it again.',
    );
  }
  const { type, vocab } = tokenizer.model;
  if (type !== undefined && !MODEL_TYPES.includes(String(type))) {
    throw new TokenizerError(
      `tokenizer.json has a model of type ${JSON.stringify(type)}; ${MODEL_TYPES.join(", ")} are supported. Pass token ids instead (--ids on the command line).`,
    );
  }
  if (!isObject(vocab) && !Array.isArray(vocab)) {
    throw new TokenizerError(
      "tokenizer.json has no vocabulary (model.vocab). It was probably cut short; fetch it again.",
    );
  }
  return tokenizer;
}

function build(tokenizer: Json, config: Json): Backend {
  try {
    const backend: Backend = new BackendClass(tokenizer, config);
    keepByteOrderMarks(backend.decoder);
    return backend;
  } catch (cause) {
    throw new TokenizerError(
      `tokenizer.json cannot be used: ${(cause as Error).message}. It asks for something that is not supported, or is damaged; pass token ids instead (--ids on the command line).`,
      { cause },
    );
  }
}

/** The library's TextDecoder drops a U+FEFF at the start of each run of byte tokens, which is text like any other here. */
function keepByteOrderMarks(decoder: Decoder | null): void {
  decoder?.decoders?.forEach(keepByteOrderMarks);
  if (decoder?.config.type === "ByteFallback") decoder.text_decoder = new TextDecoder("utf-8", { ignoreBOM: true });
}

function largest(ids: Iterable<number>): number {
  let max = 0;
  for (const id of ids) if (id > max) max = id;
  return max;
}
