import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { compareModels } from "../api/engine.js";
import { Model } from "../api/model.js";
import { fixture } from "../testing/fixtures.js";
import { testGpu } from "../testing/gpu.js";

/** What transformers says of the embedded pair: fixtures/compare_pair.py. */
interface ExpectedComparison {
  readonly name: string;
  readonly text: string;
  readonly ids: readonly number[];
  readonly kl: readonly number[];
  readonly mean_kl: number;
  readonly top1_agreement: number;
  readonly teacher_nll: readonly number[];
  readonly student_nll: readonly number[];
  readonly teacher_perplexity: number;
  readonly student_perplexity: number;
  readonly teacher_top5: readonly (readonly number[])[];
  readonly student_top5: readonly (readonly number[])[];
  readonly teacher_top5_probability: readonly (readonly number[])[];
  readonly student_top5_probability: readonly (readonly number[])[];
}

const cases: ExpectedComparison[] = JSON.parse(readFileSync(fixture("pair.compared.json"), "utf8"));
const gpu = await testGpu();
const models = await Promise.all(
  ["smollm2-135m-instruct", "smollm2-81m-student"].map((name) =>
    Model.load(new URL(`../../../../models/${name}`, import.meta.url), { gpu, precision: "exact" }),
  ),
);
const [teacher, student] = models as [Model, Model];
afterAll(() => {
  for (const model of models) model.dispose();
});

/** Of probabilities and nats: the logits of two f32 implementations differ by some 1e-4. */
const CLOSE = 2e-3;

test.each(cases)("the embedded pair is as far apart as transformers says: $name", async (expected) => {
  expect(await teacher.encode(expected.text)).toEqual(expected.ids);
  const found = await compareModels(teacher, student, expected.ids);
  for (const [index, position] of found.positions.entries()) {
    expectClose(position.kl, expected.kl[index]!, `KL at ${index}`);
    for (const role of ["teacher", "student"] as const) {
      const loss = expected[`${role}_nll`][index];
      if (loss === undefined) expect(position[`${role}_nll`]).toBeUndefined();
      else expectClose(position[`${role}_nll`]!, loss, `${role}'s loss at ${index}`);
      const top = position[`${role}_top5`];
      expect(top[0]!.id).toBe(position[`${role}_top1`]);
      for (const [place, probability] of expected[`${role}_top5_probability`][index]!.entries()) {
        expectClose(top[place]!.probability, probability, `${role}'s choice ${place} at ${index}`);
        // Two that are as likely as each other may stand the other way round.
        const others = expected[`${role}_top5_probability`][index]!.filter((other) => other !== probability);
        if (place < 4 && others.every((other) => Math.abs(other - probability) > CLOSE))
          expect(top[place]!.id).toBe(expected[`${role}_top5`][index]![place]);
      }
    }
  }
  expectClose(found.mean_kl, expected.mean_kl, "mean KL");
  expect(found.top1_agreement).toBeCloseTo(expected.top1_agreement, 6);
  expect(found.teacher_perplexity! / expected.teacher_perplexity).toBeCloseTo(1, 3);
  expect(found.student_perplexity! / expected.student_perplexity).toBeCloseTo(1, 3);
  expect(found.first_divergence).toBe(expected.kl.findIndex((_, t) => firstOf("teacher", t) !== firstOf("student", t)));

  function firstOf(role: "teacher" | "student", position: number): number {
    return expected[`${role}_top5`][position]![0]!;
  }
});

test("a text of one token has no perplexity, and one that never parts no divergence", async () => {
  const { positions, ...found } = await compareModels(teacher, teacher, [1]);
  expect(positions).toHaveLength(1);
  expect(found).not.toHaveProperty("teacher_perplexity");
  expect(found).not.toHaveProperty("first_divergence");
});

test("a comparison can be stopped", async () => {
  const reason = new Error("enough");
  await expect(compareModels(teacher, student, [1, 2], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

function expectClose(found: number, expected: number, what: string): void {
  expect(Math.abs(found - expected), `${what}: ${found}, expected ${expected}`).toBeLessThan(CLOSE);
}
