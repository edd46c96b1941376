import { describe, expect, test } from "vitest";
import { readFixture, smollm2 } from "../testing/tokenizers.js";
import { Detokenizer } from "./detokenizer.js";
import { Tokenizer } from "./tokenizer.js";

const small = (kind: string) => {
  const { tokenizer, config } = readFixture<{ tokenizer: object; config: object }>(`tokenizers/${kind}.tokenizer.json`);
  return new Tokenizer(tokenizer, config);
};
const tokenizers = {
  smollm2: smollm2(),
  llama3: small("llama3"),
  "gpt2-prefix-space": small("gpt2-prefix-space"),
  "llama2-byte-fallback": small("llama2-byte-fallback"),
  "gemma-byte-fallback": small("gemma-byte-fallback"),
};
const texts = [
  { why: "nothing", text: "" },
  { why: "leading and trailing spaces", text: "   un deux  trois   " },
  { why: "French", text: "L'été, l'œuvre « déjà vue » ; ça n'a pas d'âge… à bientôt !" },
  { why: "emoji with joiners, tones and flags", text: "👩\u200d🚀👍🏽 🇫🇷🙂🙂 fin" },
  { why: "CJK", text: "你好，世界。日本語も少し。한국어" },
  { why: "combining marks", text: "e\u0301n\u0303o\u0308 हिन्दी ไทย" },
  { why: "code", text: "def f(x):\n\n    return {'a': x ** 2}\t# ok\r\n" },
  { why: "special tokens inside", text: "<s>a<|im_start|>b <|eot_id|> c</s>" },
  { why: "a real replacement character", text: "a \u{FFFD}\u{FFFD} b \u{FFFD}" },
  { why: "byte order marks", text: "\uFEFFa\uFEFF\uFEFF b" },
];

describe.each(Object.entries(tokenizers))("%s", (kind, tokenizer) => {
  test.each(texts)("$why: the pieces are the whole, however the ids are cut", ({ text }) => {
    const ids = tokenizer.encode(text);
    for (const size of [1, 2, 3, 7, ids.length + 1]) expect(inPieces(tokenizer, ids, size)).toBe(tokenizer.decode(ids));
  });

  test("awkward texts, one token at a time", () => {
    const { cases } = readFixture<{ cases: { ids: number[]; decoded: string }[] }>(`tokenizers/${kind}.expected.json`);
    for (const { ids, decoded } of cases) expect(inPieces(tokenizer, ids, 1)).toBe(decoded);
  });

  test("ids that no text gives: stray bytes, unknown ids, special tokens", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const ids = noise(seed, 40, tokenizer.vocabSize + 3);
      expect(inPieces(tokenizer, ids, 1 + (seed % 4))).toBe(tokenizer.decode(ids));
    }
  });
});

test("text comes out as soon as it is certain", () => {
  const detokenizer = new Detokenizer(smollm2());
  const pieces = smollm2()
    .encode("Hi 你!")
    .map((id) => detokenizer.push(id));
  expect(pieces.filter((piece) => piece !== "")).toEqual(["Hi", " ", "你", "!"]);
  expect(detokenizer.flush()).toBe("");
});

test("half a character is shown only when nothing follows", () => {
  const detokenizer = new Detokenizer(smollm2());
  const ids = smollm2().encode("🙂").slice(0, 1);
  expect(detokenizer.push(...ids)).toBe("");
  expect(detokenizer.flush()).toBe("\u{FFFD}");
});

test("after a flush, a new text", () => {
  const tokenizer = tokenizers["llama2-byte-fallback"];
  const detokenizer = new Detokenizer(tokenizer);
  const ids = tokenizer.encode(" the reader");
  expect(detokenizer.push(...ids) + detokenizer.flush()).toBe(" the reader");
  expect(detokenizer.push(...ids) + detokenizer.flush()).toBe(" the reader");
});

test("a step does not cost more as the answer grows", () => {
  for (const ids of [smollm2().encode("The dog's été 🙂. ".repeat(200)), strayBytes(smollm2(), 2000)]) {
    const counted = countDecoded(smollm2());
    inPieces(counted.tokenizer, ids, 1);
    expect(counted.tokens()).toBeLessThan(80 * ids.length);
  }
});

function inPieces(tokenizer: Tokenizer, ids: readonly number[], size: number): string {
  const detokenizer = new Detokenizer(tokenizer);
  let text = "";
  for (let start = 0; start < ids.length; start += size) text += detokenizer.push(...ids.slice(start, start + size));
  return text + detokenizer.flush();
}

/** Continuation bytes: a text that never becomes UTF-8. */
function strayBytes(tokenizer: Tokenizer, count: number): number[] {
  const half = tokenizer.encode("你").at(-1)!;
  expect(tokenizer.decode([half, half])).toBe("\u{FFFD}\u{FFFD}");
  return new Array<number>(count).fill(half);
}

/** Counts the tokens that pass through `decode`. */
function countDecoded(tokenizer: Tokenizer) {
  let count = 0;
  const counting = new Proxy(tokenizer, {
    get(target, key) {
      if (key !== "decode")
        return Reflect.get(target, key, target) instanceof Function
          ? target[key as "decode"].bind(target)
          : Reflect.get(target, key, target);
      return (ids: readonly number[]) => {
        count += ids.length;
        return target.decode(ids);
      };
    },
  });
  return { tokenizer: counting, tokens: () => count };
}

/** Token ids that are the same on every run (a linear congruential generator). */
function noise(seed: number, count: number, below: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * (seed % 2 === 0 ? below : Math.min(below, 300)));
  });
}
