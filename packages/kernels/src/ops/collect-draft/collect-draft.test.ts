import { expect, test } from "vitest";
import { tensor } from "../../dispatch.js";
import { freeBuffersAfterAll, runToArray, testGpu, upload } from "../../testing/gpu.js";
import { collectDraft } from "./collect-draft.js";
import { collectDraftReference } from "./collect-draft.reference.js";

freeBuffersAfterAll();

const cases = [
  { why: "no proposal", position: 3, proposals: 0, rows: 4 },
  { why: "one", position: 0, proposals: 1, rows: 2 },
  { why: "fewer than fit", position: 5, proposals: 3, rows: 9 },
  { why: "more than lanes", position: 7, proposals: 40, rows: 41 },
];

test.each(cases)("collectDraft, $why ($proposals, $rows rows)", async ({ position, proposals, rows }) => {
  const gpu = await testGpu();
  const history = Array.from({ length: position + proposals + 1 }, (_, place) => 1000 + place);
  const ids = await upload(
    Uint32Array.from({ length: rows }, () => 7),
    [rows],
  );
  const step = await upload(Uint32Array.of(position, 1), [2]);
  const collected = collectDraft({
    draftStep: await upload(Uint32Array.of(position + proposals, 1), [2]),
    draftHistory: await upload(Uint32Array.from(history), [history.length]),
    step,
    ids,
  });
  const found = [...(await runToArray(collected, ids))];
  const expected = collectDraftReference(7, history, position, position + proposals);
  expect(found).toEqual([...expected, ...Array(rows - expected.length).fill(7)]);
  expect([...(await gpu.buffers.read(step))]).toEqual([position, 1 + proposals]);
});

test("collectDraft says which shapes it needs", () => {
  const [step, ids] = [tensor("s", [2], "u32"), tensor("i", [4], "u32")];
  expect(() => collectDraft({ draftStep: tensor("d", [3], "u32"), draftHistory: ids, step, ids })).toThrow(
    "steps are [3] and [2]; both must be [2].",
  );
});
