import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { REFERENCES } from "../../core/ladder.js";
import { plainTexts, wordsFor, wordsOf } from "./words.js";

const file = fileURLToPath(new URL("../../../../../models/smollm2-135m-instruct/tokenizer.json", import.meta.url));
const { model, added_tokens } = JSON.parse(readFileSync(file, "utf8"));

test("a text of as many tokens as ids, each a word that the vocabulary holds whole", () => {
  const words = wordsOf(model.vocab);
  expect(words.length).toBeGreaterThan(10_000);
  const text = wordsFor([0, 7, 49_151], words).join("");
  expect(text).toMatch(/^( [a-z]{3,}){3}$/);
  for (const word of text.trim().split(" ")) expect(model.vocab[`Ġ${word}`]).toBeTypeOf("number");
});

test("the reference prompt as text", () => {
  const named = Object.fromEntries(
    added_tokens.map((token: { id: number; content: string }) => [token.content, token.id]),
  );
  expect(plainTexts(REFERENCES["smollm2-135m-instruct"]!.prompt, { ...model.vocab, ...named }).join("")).toBe(
    "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n",
  );
});
