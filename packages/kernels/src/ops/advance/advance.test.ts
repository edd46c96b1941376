import { expect, test } from "vitest";
import { empty, freeBuffersAfterAll, runToArray, testGpu, upload } from "../../testing/gpu.js";
import { advance } from "./advance.js";
import { type AdvanceState, advanceReference } from "./advance.reference.js";

freeBuffersAfterAll();

const cases: (AdvanceState & { why: string })[] = [
  { why: "after a prefill of five", step: [0, 5], ids: [3, 1, 4, 1, 5], history: [3, 1, 4, 1, 5, 0, 0, 0, 0] },
  { why: "after a decode step", step: [5, 1], ids: [9], history: [3, 1, 4, 1, 5, 9, 0] },
  { why: "the last place of the history", step: [3, 1], ids: [9], history: [3, 1, 4, 9, 0] },
  { why: "past the end, where history must not be written", step: [4, 1], ids: [9], history: [3, 1, 4, 9, 7] },
];

test.each(cases)("advance, $why", async ({ why: _, ...state }) => {
  const token = await upload(Uint32Array.of(42), [1]);
  const step = await upload(Uint32Array.from(state.step), [2]);
  const ids = await upload(Uint32Array.from(state.ids), [state.ids.length]);
  const history = await upload(Uint32Array.from(state.history), [state.history.length]);
  const moved = await runToArray(advance({ token, step, ids, history }), step);
  const { buffers } = await testGpu();
  expect({
    step: [...moved],
    ids: [...(await buffers.read(ids))],
    history: [...(await buffers.read(history))],
  }).toEqual(advanceReference(42, state));
});

test("advance twice in one pass walks on, as several tokens in flight do", async () => {
  const token = await upload(Uint32Array.of(7), [1]);
  const step = await upload(Uint32Array.of(2, 3), [2]);
  const history = await empty([8], "u32");
  const ids = await empty([3], "u32");
  const once = advance({ token, step, ids, history });
  expect([...(await runToArray([once, once], history))]).toEqual([0, 0, 0, 0, 0, 7, 7, 0]);
  expect([...(await (await testGpu()).buffers.read(step))]).toEqual([6, 1]);
});
