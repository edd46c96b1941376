import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readFixture, smollm2, smollm2Files } from "../testing/tokenizers.js";
import { TokenizerError } from "./errors.js";
import { Tokenizer } from "./tokenizer.js";

interface Reference {
  readonly cases: { messages: unknown; prompt: string; input_ids: number[]; greedy: number[]; text: string }[];
  readonly texts: { text: string; input_ids: number[] }[];
  readonly tokenizer: { text: string; ids: number[] }[];
}

describe.each(["smollm2-135m-instruct", "smollm2-81m-student"])("the ids of transformers for %s", (name) => {
  const reference = readFixture<Reference>(`${name}.expected.json`);
  const tokenizer = smollm2();

  test.each(reference.cases)("prompt $input_ids.length tokens long", ({ prompt, input_ids }) => {
    expect(tokenizer.encode(prompt, { addSpecialTokens: false })).toEqual(input_ids);
  });
  test.each(reference.cases)("answer $text", ({ greedy, text }) => {
    expect(tokenizer.decode(greedy)).toBe(text);
  });
  test.each(reference.texts)("text $text", ({ text, input_ids }) => {
    expect(tokenizer.encode(text)).toEqual(input_ids);
  });
  test.each(reference.tokenizer ?? [])("case $text", ({ text, ids }) => {
    expect(tokenizer.encode(text)).toEqual(ids);
    expect(tokenizer.decode(ids, { skipSpecialTokens: false })).toBe(text);
  });
});

interface RustReference {
  readonly cases: { text: string; ids: number[]; bare_ids: number[]; decoded: string; with_special: string }[];
}

const kinds = readdirSync(new URL("../../fixtures/tokenizers/", import.meta.url))
  .filter((file) => file.endsWith(".expected.json"))
  .map((file) => file.replace(".expected.json", ""));

describe.each(kinds)("the ids of the Rust crate for %s", (kind) => {
  const { cases } = readFixture<RustReference>(`tokenizers/${kind}.expected.json`);
  const tokenizer = kind === "smollm2" ? smollm2() : smallTokenizer(kind);

  test(`${cases.length} awkward texts`, () => {
    expect(cases.length).toBeGreaterThan(100);
    for (const { text, ids, bare_ids, decoded, with_special } of cases) {
      expect({ text, ids: tokenizer.encode(text) }).toEqual({ text, ids });
      expect({ text, ids: tokenizer.encode(text, { addSpecialTokens: false }) }).toEqual({ text, ids: bare_ids });
      expect({ text, decoded: tokenizer.decode(ids) }).toEqual({ text, decoded });
      expect({ text, decoded: tokenizer.decode(ids, { skipSpecialTokens: false }) }).toEqual({
        text,
        decoded: with_special,
      });
    }
  });
});

function smallTokenizer(kind: string): Tokenizer {
  const { tokenizer, config } = readFixture<{ tokenizer: object; config: object }>(`tokenizers/${kind}.tokenizer.json`);
  return new Tokenizer(tokenizer, config);
}

test("special tokens and the size of the vocabulary", () => {
  const tokenizer = smollm2();
  expect(tokenizer.vocabSize).toBe(49_152);
  expect(tokenizer).toMatchObject({ bosToken: "<|im_start|>", bosTokenId: 1, eosToken: "<|im_end|>", eosTokenId: 2 });
  expect(tokenizer.specialTokenId("<|endoftext|>")).toBe(0);
  expect(tokenizer.specialTokenId("the")).toBeUndefined();
  expect(tokenizer.isSpecial(2)).toBe(true);
  expect(tokenizer.isSpecial(198)).toBe(false);
});

test("ids outside the vocabulary have no text", () => {
  expect(smollm2().decode([19556, 999_999, 905])).toBe("Hello world");
  expect(smollm2().decode([])).toBe("");
});

test("tokens that only tokenizer_config.json knows, or only it calls special", () => {
  const { tokenizer, config } = smollm2Files();
  const model = tokenizer.model as { vocab: Record<string, number> };
  const more = new Tokenizer(tokenizer, {
    ...config,
    eos_token: { content: "Hello", lstrip: false },
    added_tokens_decoder: { 49152: { content: "<tool>", special: true } },
  });
  expect(more.encode("<tool>")).toEqual([49_152]);
  expect(more.vocabSize).toBe(49_153);
  expect(more.eosTokenId).toBe(model.vocab.Hello);
  expect(more.decode([model.vocab.Hello!, 49_152, 905])).toBe(" world");
});

describe("errors", () => {
  const of = (tokenizer: unknown) => () => new Tokenizer(tokenizer);

  test("no tokenizer.json", () => {
    expect(of(undefined)).toThrow(TokenizerError);
    expect(of(undefined)).toThrow(
      "has no tokenizer.json, so text cannot be turned into tokens. Pass token ids instead (--ids",
    );
  });
  test("not a tokenizer", () => {
    expect(of([])).toThrow('tokenizer.json has no "model" section');
    expect(of({ model: { type: "BPE" } })).toThrow("has no vocabulary (model.vocab)");
  });
  test("an unknown kind", () => {
    expect(of({ model: { type: "Phonemes", vocab: {} } })).toThrow(
      'model of type "Phonemes"; BPE, Unigram, WordPiece are supported',
    );
    const steps = { model: { type: "BPE", vocab: { a: 0 }, merges: [] }, pre_tokenizer: { type: "Syllables" } };
    expect(of(steps)).toThrow("tokenizer.json cannot be used: Unknown PreTokenizer type: Syllables");
  });
  test("damaged merges", () => {
    expect(of({ model: { type: "BPE", vocab: { a: 0 } } })).toThrow("tokenizer.json cannot be used");
  });
});

test("the fixtures are of the kinds that models ship", () => {
  expect(kinds.sort()).toEqual([
    "gemma-byte-fallback",
    "gpt2-prefix-space",
    "llama2-byte-fallback",
    "llama3",
    "smollm2",
  ]);
  expect(readFileSync(new URL("../../fixtures/tokenizers/generate.py", import.meta.url), "utf8")).toContain(
    "tokenizers==0.23.3",
  );
});
