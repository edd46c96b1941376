import { bertLike } from "./bert.js";
import { real } from "./config.js";
import type { Family } from "./family.js";

/**
 * RoBERTa and XLM-RoBERTa (and BGE-M3 and multilingual E5, made from it): BERT with positions that are counted from
 * behind the padding token's. arXiv:1907.11692, arXiv:1911.02116.
 */
export const family: Family = (raw) =>
  bertLike(raw, { prefix: "roberta", firstPosition: real(raw, "pad_token_id", 1) + 1 });
