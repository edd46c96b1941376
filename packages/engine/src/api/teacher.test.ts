import { afterAll, expect, test } from "vitest";
import { certain, expectedModel } from "../testing/expected.js";
import { testGpu } from "../testing/gpu.js";
import { Model } from "./model.js";

const TEACHER = new URL("../../../../models/smollm2-135m-instruct", import.meta.url);
/** Tokens of an answer that are checked: one of 96 would take a software adapter minutes. */
const MOST = 48;
const expected = expectedModel("smollm2-135m-instruct");
const model = await Model.load(TEACHER, { gpu: await testGpu() });
afterAll(() => model.dispose());

test.each(expected.cases)(
  "chat: $messages.0.content",
  async ({ messages, prompt, input_ids, greedy, margin, text }) => {
    expect(await model.renderChat(messages)).toEqual({ text: prompt, ids: input_ids });
    const ids = certain(greedy, margin, 0.01).slice(0, MOST);
    const generation = await model.chat(messages, { maxTokens: ids.length }).result();
    expect(generation.ids).toEqual(ids);
    if (ids.length === greedy.length) expect(generation.text).toBe(text);
  },
  400_000,
);

test.each(expected.texts)("mean negative log likelihood of a text", async ({ input_ids, mean_nll }) => {
  const { logits } = await model.forward(input_ids);
  const losses = input_ids.slice(1).map((id, position) => negativeLogLikelihood(logits[position]!, id));
  expect(losses.reduce((sum, loss) => sum + loss, 0) / losses.length).toBeCloseTo(mean_nll, 3);
});

function negativeLogLikelihood(logits: Float32Array, id: number): number {
  const greatest = logits.reduce((a, b) => Math.max(a, b));
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - greatest), 0);
  return Math.log(sum) + greatest - logits[id]!;
}
