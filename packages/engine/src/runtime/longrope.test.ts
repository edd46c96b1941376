import { expect, test } from "vitest";
import { Model } from "../api/model.js";
import { certain, expectedOf } from "../testing/expected.js";
import { fixture } from "../testing/fixtures.js";
import { testGpu } from "../testing/gpu.js";

test("a session keeps nothing of a text across the end of LongRoPE's short divisors", async () => {
  const { input_ids: ids, greedy, greedy_margins } = expectedOf("phi3-longrope"); // 24 tokens of 32, then 24 more
  const known = certain(greedy, greedy_margins, 1e-3);
  const model = await Model.load(fixture("phi3-longrope"), { gpu: await testGpu() });
  const session = model.session();
  const ask = (from: number, tokens: number) =>
    session.generate([...ids, ...known.slice(0, from)], { maxTokens: tokens }).result();

  const across = await ask(0, known.length);
  expect(across.ids).toEqual(known);
  const longer = await ask(10, 3);
  expect([longer.ids, longer.usage.cachedTokens]).toEqual([known.slice(10, 13), 33]); // of 34, all but the last
  const shorter = await ask(2, 3);
  expect([shorter.ids, shorter.usage.cachedTokens]).toEqual([known.slice(2, 5), 0]);
  const upToIt = await ask(4, 4);
  expect([upToIt.ids, upToIt.usage.cachedTokens]).toEqual([known.slice(4, 8), 27]);
  model.dispose();
});

test("an answer stopped while its text is computed anew ends as aborted", async () => {
  const { input_ids: ids, greedy } = expectedOf("phi3-longrope");
  const model = await Model.load(fixture("phi3-longrope"), { gpu: await testGpu() });
  const stop = new AbortController();
  const seen: number[] = [];
  let finish: string | undefined;
  for await (const chunk of model.generate(ids, { maxTokens: 20, signal: stop.signal })) {
    seen.push(...chunk.ids);
    finish = chunk.finishReason ?? finish;
    if (seen.length === 9) stop.abort(); // the last of the short ones
  }
  expect([seen, finish]).toEqual([greedy.slice(0, 9), "abort"]);
  model.dispose();
});
