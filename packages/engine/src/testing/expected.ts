import { readFileSync } from "node:fs";
import { fixture } from "./fixtures.js";

/** What Hugging Face transformers gives for a small checkpoint, in f32 on exactly its weights. */
export interface Expected {
  readonly input_ids: readonly number[];
  readonly logits: readonly (readonly number[])[];
  readonly greedy: readonly number[];
  /** The gap between the two best logits at each generated step. */
  readonly greedy_margins: readonly number[];
}

export interface ExpectedChat {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly prompt: string;
  readonly input_ids: readonly number[];
  readonly greedy: readonly number[];
  readonly text: string;
  readonly margin: readonly number[];
}

/** The same for a real checkpoint. */
export interface ExpectedModel {
  readonly cases: readonly ExpectedChat[];
  readonly texts: readonly {
    readonly text: string;
    readonly input_ids: readonly number[];
    readonly mean_nll: number;
  }[];
}

export function expectedOf(name: string): Expected {
  return JSON.parse(readFileSync(`${fixture(name)}/expected.json`, "utf8"));
}

export function expectedModel(name: string): ExpectedModel {
  return JSON.parse(readFileSync(fixture(`${name}.expected.json`), "utf8"));
}

/** Greedy ids up to the first step whose two best logits are too close to call. */
export function certain(greedy: readonly number[], margins: readonly number[], margin: number): number[] {
  const end = margins.findIndex((gap) => gap < margin);
  return greedy.slice(0, end < 0 ? undefined : end);
}

export function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) throw new RangeError(`${actual.length} values against ${expected.length}`);
  let largest = 0;
  for (let i = 0; i < actual.length; i++) largest = Math.max(largest, Math.abs(actual[i]! - expected[i]!));
  return largest;
}
