/**
 * `tokenizer.json` and `tokenizer_config.json` as the library wants them. Their authors wrote them for the Rust crate
 * `tokenizers`; where the JavaScript library reads a piece of them otherwise, that piece is restated here in terms that
 * both read alike. The tests compare the outcome with the Rust crate's.
 */
export type Json = Record<string, unknown>;

/** One entry of `added_tokens`. */
export interface AddedTokenJson extends Json {
  readonly id: number;
  readonly content: string;
  readonly special?: boolean;
}

/** How GPT-2 cuts a text into words before it merges bytes. */
const GPT2_WORDS = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;

/**
 * The names of `tokenizer_config.json` that hold a special token: a string, or an object with a `content`.
 * transformers treats these as special even where `tokenizer.json` forgot to say so.
 */
const NAMED_SPECIAL_TOKENS = ["bos", "eos", "unk", "sep", "pad", "cls", "mask"].map((name) => `${name}_token`);

/** The token's text, from either of the two spellings in `tokenizer_config.json`. */
export function tokenText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (isObject(value) && typeof value.content === "string") return value.content;
  return undefined;
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A copy of `tokenizer.json` that the JavaScript library reads as the Rust crate reads the original. */
export function restate(tokenizer: Json, config: Json): Json {
  return {
    ...tokenizer,
    // The crate leaves absent sections out; the library insists on the keys.
    normalizer: tokenizer.normalizer ?? null,
    post_processor: tokenizer.post_processor ?? null,
    decoder: tokenizer.decoder ?? null,
    pre_tokenizer: tokenizer.pre_tokenizer ? preTokenizer(tokenizer.pre_tokenizer as Json) : null,
    added_tokens: addedTokens(tokenizer, config),
  };
}

function preTokenizer(json: Json): Json {
  if (json.type === "Sequence" && Array.isArray(json.pretokenizers)) {
    return { ...json, pretokenizers: json.pretokenizers.map(preTokenizer) };
  }
  if (json.type === "Digits") {
    // The library's digits are 0 to 9; the crate's are every numeral of Unicode (٣, ½, Ⅷ).
    return isolated(json.individual_digits ? String.raw`\p{N}` : String.raw`\p{N}+`);
  }
  if (json.type === "ByteLevel" && json.use_regex !== false) {
    // The library's own expression has JavaScript's idea of white space (no U+0085, but U+FEFF).
    return sequence([
      ...(json.add_prefix_space ? [prefixSpace()] : []),
      isolated(GPT2_WORDS),
      { ...json, use_regex: false, add_prefix_space: false },
    ]);
  }
  return json;
}

function sequence(pretokenizers: Json[]): Json {
  return { type: "Sequence", pretokenizers };
}

function isolated(regex: string): Json {
  return { type: "Split", pattern: { Regex: regex }, behavior: "Isolated", invert: false };
}

function prefixSpace(): Json {
  // `$&` is the matched character: an empty match would have done, had V8 not found one inside surrogate pairs too.
  return { type: "Replace", pattern: { Regex: String.raw`\A[^ ]` }, content: " $&" };
}

/** Those of `tokenizer.json`, those that only `added_tokens_decoder` lists, and all named special tokens marked special. */
function addedTokens(tokenizer: Json, config: Json): AddedTokenJson[] {
  const tokens = new Map<string, AddedTokenJson>();
  for (const token of (tokenizer.added_tokens as AddedTokenJson[] | undefined) ?? []) tokens.set(token.content, token);
  for (const [id, token] of Object.entries((config.added_tokens_decoder as Json | undefined) ?? {})) {
    if (!isObject(token) || typeof token.content !== "string" || tokens.has(token.content)) continue;
    tokens.set(token.content, { ...token, content: token.content, id: Number(id) });
  }
  const vocabulary = (tokenizer.model as Json).vocab;
  for (const content of namedSpecialTokens(config)) {
    const known = tokens.get(content);
    const id = known?.id ?? (isObject(vocabulary) ? (vocabulary[content] as number | undefined) : undefined);
    if (id !== undefined) tokens.set(content, { normalized: false, ...known, content, id, special: true });
  }
  return [...tokens.values()];
}

function namedSpecialTokens(config: Json): string[] {
  const named = NAMED_SPECIAL_TOKENS.map((key) => config[key]);
  const more = [config.additional_special_tokens, config.extra_special_tokens].flatMap((list) =>
    Array.isArray(list) ? list : isObject(list) ? Object.values(list) : [],
  );
  return [...named, ...more].map(tokenText).filter((text) => text !== undefined && text !== "") as string[];
}
