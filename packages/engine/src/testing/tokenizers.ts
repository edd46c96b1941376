import { readFileSync } from "node:fs";
import { Tokenizer } from "../text/tokenizer.js";
import type { Json } from "../text/tokenizer-json.js";

/** A JSON file of packages/engine/fixtures. */
export function readFixture<T>(path: string): T {
  return read(`../../fixtures/${path}`) as T;
}

/** The files of the embedded teacher's tokenizer. */
export function smollm2Files(): { tokenizer: Json; config: Json } {
  const folder = "../../../../models/smollm2-135m-instruct";
  return {
    tokenizer: read(`${folder}/tokenizer.json`) as Json,
    config: read(`${folder}/tokenizer_config.json`) as Json,
  };
}

let shared: Tokenizer | undefined;

export function smollm2(): Tokenizer {
  if (!shared) {
    const { tokenizer, config } = smollm2Files();
    shared = new Tokenizer(tokenizer, config);
  }
  return shared;
}

function read(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
}
