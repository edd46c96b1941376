import type { Tokenizer } from "./tokenizer.js";
import { isObject } from "./tokenizer-json.js";

/** Tokens with which well-known chat templates close a turn; some checkpoints forget to list theirs. */
const TURN_ENDS = [
  "<|im_end|>",
  "<|eot_id|>",
  "<|eot|>",
  "<end_of_turn>",
  "<|end|>",
  "<|end_of_turn|>",
  "<|endofturn|>",
  "<|END_OF_TURN_TOKEN|>",
];

export interface EndTokenFiles {
  /** `config.json`, parsed. */
  readonly config?: unknown;
  /** `generation_config.json`, parsed. */
  readonly generationConfig?: unknown;
  readonly tokenizer?: Tokenizer | undefined;
}

/**
 * The ids that end an answer: `eos_token_id` of generation_config.json and config.json (a number or a list), the
 * tokenizer's own end token, and the turn ends of well-known chat templates where they are special tokens of the vocabulary.
 */
export function endTokenIds({ config, generationConfig, tokenizer }: EndTokenFiles): number[] {
  const ids = new Set([...eosTokenIds(generationConfig), ...eosTokenIds(config)]);
  if (tokenizer?.eosTokenId !== undefined) ids.add(tokenizer.eosTokenId);
  for (const token of TURN_ENDS) {
    const id = tokenizer?.specialTokenId(token);
    if (id !== undefined) ids.add(id);
  }
  return [...ids];
}

function eosTokenIds(json: unknown): number[] {
  if (!isObject(json)) return [];
  const value = json.eos_token_id;
  return (Array.isArray(value) ? value : [value]).filter((id): id is number => Number.isInteger(id));
}
