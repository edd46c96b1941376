import { expect, test } from "vitest";
import { tensor } from "../../dispatch.js";
import { empty, freeBuffersAfterAll, runToArray, testGpu, upload } from "../../testing/gpu.js";
import { acceptDraft, draftOutcome, draftOutcomeWords } from "./accept-draft.js";
import { acceptDraftReference } from "./accept-draft.reference.js";

freeBuffersAfterAll();

const cases = [
  { why: "no proposals", proposals: [], drawn: [5], rows: 4 },
  { why: "none stands", proposals: [1, 2, 3], drawn: [9, 2, 3, 4], rows: 4 },
  { why: "some stand", proposals: [1, 2, 3], drawn: [1, 2, 8, 4], rows: 4 },
  { why: "a later match does not count", proposals: [1, 2, 3], drawn: [1, 7, 3, 4], rows: 6 },
  { why: "all stand", proposals: [1, 2, 3], drawn: [1, 2, 3, 4], rows: 4 },
  { why: "one row", proposals: [], drawn: [0], rows: 1 },
];

test.each(cases)("acceptDraft, $why", async ({ proposals, drawn, rows }) => {
  const gpu = await testGpu();
  const padded = (values: readonly number[]) => Uint32Array.from({ length: rows }, (_, index) => values[index] ?? 77);
  const step = await upload(Uint32Array.of(10, 1 + proposals.length), [2]);
  const draftStep = await upload(Uint32Array.of(10 + proposals.length, 1), [2]);
  const ids = await upload(padded([42, ...proposals]), [rows]);
  const draftIds = await upload(Uint32Array.of(proposals.at(-1) ?? 42, 6), [2]);
  const outcome = await empty([draftOutcomeWords(rows)], "u32");
  const accepted = acceptDraft({ drawn: await upload(padded(drawn), [rows]), ids, step, draftIds, draftStep, outcome });
  const words = await runToArray(accepted, outcome);
  const expected = acceptDraftReference(drawn, proposals);
  expect([...words.slice(0, expected.length)]).toEqual(expected);

  const { tokens, ...rest } = draftOutcome(words as Uint32Array);
  const last = tokens.at(-1)!;
  expect(rest).toEqual({
    proposals: proposals.length,
    accepted: tokens.length - 1,
    refused: proposals[tokens.length - 1],
  });
  const place = [10 + tokens.length, 1];
  expect([...(await gpu.buffers.read(step))]).toEqual(place);
  expect([...(await gpu.buffers.read(draftStep))]).toEqual(place);
  expect([...(await gpu.buffers.read(ids))][0]).toBe(last);
  expect([...(await gpu.buffers.read(draftIds))]).toEqual([last, 6]);
});

test("acceptDraft says which shapes it needs", () => {
  const [step, ids] = [tensor("s", [2], "u32"), tensor("i", [4], "u32")];
  const inputs = { ids, step, draftIds: ids, draftStep: step, outcome: tensor("o", [7], "u32") };
  expect(() => acceptDraft({ ...inputs, drawn: tensor("d", [3], "u32") })).toThrow(
    "ids are [4], so drawn must be [4] and outcome [7]; found [3] and [7].",
  );
});
