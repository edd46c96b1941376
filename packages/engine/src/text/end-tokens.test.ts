import { expect, test } from "vitest";
import { readFixture, smollm2 } from "../testing/tokenizers.js";
import { endTokenIds } from "./end-tokens.js";
import { Tokenizer } from "./tokenizer.js";

const { tokenizer, config } = readFixture<{ tokenizer: object; config: object }>("tokenizers/llama3.tokenizer.json");
const llama3 = new Tokenizer(tokenizer, config);

const cases = [
  { why: "no files", files: {}, ids: [] },
  { why: "a number", files: { config: { eos_token_id: 7 } }, ids: [7] },
  { why: "0 is an id", files: { config: { eos_token_id: 0 } }, ids: [0] },
  {
    why: "a list, and the other file",
    files: { generationConfig: { eos_token_id: [5, 7] }, config: { eos_token_id: 7 } },
    ids: [5, 7],
  },
  { why: "null", files: { generationConfig: { eos_token_id: null }, config: {} }, ids: [] },
  { why: "the tokenizer's own, which is also the turn's end", files: { tokenizer: smollm2() }, ids: [2] },
  {
    why: "the end of a text and the end of a turn",
    files: { config: { eos_token_id: llama3.specialTokenId("<|end_of_text|>") }, tokenizer: llama3 },
    ids: [llama3.specialTokenId("<|end_of_text|>"), llama3.specialTokenId("<|eot_id|>")],
  },
];

test.each(cases)("$why", ({ files, ids }) => {
  expect(endTokenIds(files)).toEqual(ids);
});
