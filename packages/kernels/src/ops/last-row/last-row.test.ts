import { expect, test } from "vitest";
import { empty, freeBuffersAfterAll, runToFloats, upload } from "../../testing/gpu.js";
import { randomFloats } from "../../testing/random.js";
import { lastRow } from "./last-row.js";
import { lastRowReference } from "./last-row.reference.js";

freeBuffersAfterAll();

const cases = [
  { why: "smallest", rows: 1, width: 1, count: 1 },
  { why: "a full pass", rows: 7, width: 40, count: 7 },
  { why: "a ragged tail", rows: 64, width: 576, count: 13 },
  { why: "prime width past several spans", rows: 3, width: 1759, count: 2 },
];

test.each(cases)("lastRow, $why ($count of $rows × $width)", async ({ rows, width, count }) => {
  const x = randomFloats(rows * width, rows);
  const y = await empty([1, width]);
  const dispatch = lastRow({
    step: await upload(Uint32Array.of(5, count), [2]),
    x: await upload(x, [rows, width]),
    y,
  });
  expect(await runToFloats(dispatch, y)).toEqual(lastRowReference(x, width, count));
});

test("lastRow writes nothing for an empty pass", async () => {
  const y = await empty([1, 8]);
  const x = await upload(new Float32Array(16).fill(1), [2, 8]);
  const dispatch = lastRow({ step: await upload(Uint32Array.of(5, 0), [2]), x, y });
  expect([...(await runToFloats(dispatch, y))]).toEqual(new Array(8).fill(0));
});

test("lastRow says which shape y must have", async () => {
  const step = await upload(Uint32Array.of(0, 1), [2]);
  const inputs = { step, x: await empty([2, 8]), y: await empty([2, 8]) };
  expect(() => lastRow(inputs)).toThrow("x is [2,8], so y must be [1,8]; found [2,8]");
});
