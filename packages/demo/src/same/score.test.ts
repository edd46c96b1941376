import { readFileSync } from "node:fs";
import type { Comparison } from "@alambic/engine";
import { describe, expect, test } from "vitest";
import { KL_BOUNDS, klLevel } from "./kl-levels.js";
import { piecesOf } from "./pieces.js";
import { scoredOf } from "./score.js";

type Pairs = readonly (readonly number[])[];

/** What transformers says of the embedded pair; see the engine's fixtures/compare_pair.py. */
const [expected] = JSON.parse(
  readFileSync(new URL("../../../engine/fixtures/pair.compared.json", import.meta.url), "utf8"),
);

function comparison(): Comparison {
  const top = (ids: Pairs, probabilities: Pairs, at: number) =>
    ids[at]!.map((id, place) => ({ id, probability: probabilities[at]![place]! }));
  const positions = expected.kl.map((kl: number, at: number) => {
    const teacher_top5 = top(expected.teacher_top5, expected.teacher_top5_probability, at);
    const student_top5 = top(expected.student_top5, expected.student_top5_probability, at);
    const [teacher_top1, student_top1] = [teacher_top5[0]!.id, student_top5[0]!.id];
    const losses = { teacher_nll: expected.teacher_nll[at], student_nll: expected.student_nll[at] };
    const agree = teacher_top1 === student_top1;
    return {
      kl,
      teacher_top1,
      student_top1,
      agree,
      teacher_top5,
      student_top5,
      ...(at < expected.kl.length - 1 && losses),
    };
  });
  return { ids: expected.ids, positions, mean_kl: 0, top1_agreement: 0 };
}

const pieces = (expected.ids as number[]).map((id) => `<${id}>`);

describe("a text", () => {
  const { start, places, whole, divergence } = scoredOf(comparison(), pieces, 0);

  test("its figures are those of the whole comparison, as they were computed elsewhere", () => {
    expect(whole.kl).toBeCloseTo(expected.mean_kl, 5);
    expect(whole.agreement).toBeCloseTo(expected.top1_agreement, 9);
    expect(whole.perplexity!.teacher / expected.teacher_perplexity).toBeCloseTo(1, 5);
    expect(whole.perplexity!.student / expected.student_perplexity).toBeCloseTo(1, 5);
  });

  test("each token stands with what was expected before it, and the end with what would come", () => {
    expect(start).toBe(pieces[0]);
    expect(places.map(({ text }) => text)).toEqual([...pieces.slice(1), ""]);
    expect(places[0]!.id).toBe(expected.ids[1]);
    expect(places[0]!.probability!.teacher).toBeCloseTo(Math.exp(-expected.teacher_nll[0]), 9);
    expect(places.at(-1)!.id).toBeUndefined();
    expect(places.at(-1)!.probability).toBeUndefined();
  });

  test("the first divergence is the first place whose first choices differ", () => {
    expect(places.findIndex(({ top }) => top.teacher[0]!.id !== top.student[0]!.id)).toBe(divergence);
  });
});

test("of an answer, what was expected from its first token on counts, and nothing of its conversation", () => {
  const context = 4;
  const { start, places, whole } = scoredOf(comparison(), pieces.slice(context), context);
  expect(start).toBe("");
  expect(places.map(({ text }) => text)).toEqual([...pieces.slice(context), ""]);
  const kls: number[] = expected.kl.slice(context - 1);
  expect(whole.kl).toBeCloseTo(kls.reduce((a, b) => a + b) / kls.length, 9);
});

test("running figures are those of the text that far", () => {
  const whole = comparison();
  const { places } = scoredOf(whole, pieces, 0);
  const half = { ...whole, positions: whole.positions.slice(0, 5) };
  expect(places[4]!.running).toEqual(scoredOf(half, pieces, 0).whole);
});

test("pieces add up to the text, and a character in parts stands with its last", async () => {
  const text = "l’été 🎉!";
  const bytes = new TextEncoder().encode(text);
  // One token a byte: what a byte-level tokenizer makes of what it does not know.
  const model = { decode: async (ids: readonly number[]) => new TextDecoder().decode(Uint8Array.from(ids)) };
  const found = await piecesOf(model, [...bytes]);
  expect(found.join("")).toBe(text);
  expect(found).toContain("🎉");
  expect(found.filter((piece) => piece === "")).toHaveLength(bytes.length - [...text].length);
});

test.each([
  [0, 0],
  [KL_BOUNDS[0], 1],
  [0.74, 2],
  [1.5, 4],
  [99, 5],
])("%f nats have shade %i", (nats, level) => {
  expect(klLevel(nats)).toBe(level);
});
