import { expect, test } from "vitest";
import { empty, freeBuffersAfterAll, runToFloats, upload } from "../../testing/gpu.js";
import { randomFloats } from "../../testing/random.js";
import { columns } from "./columns.js";
import { columnsReference } from "./columns.reference.js";

freeBuffersAfterAll();

test.each([
  { why: "smallest", rows: 1, xWidth: 1, from: 0, width: 1 },
  { why: "from the middle, odd sizes", rows: 5, xWidth: 71, from: 13, width: 29 },
  { why: "the last columns, past several spans", rows: 3, xWidth: 2001, from: 242, width: 1759 },
  { why: "more workgroups than one grid dimension holds", rows: 65_537, xWidth: 3, from: 1, width: 2 },
])("columns, $why ($width of $rows × $xWidth)", async ({ rows, xWidth, from, width }) => {
  const x = randomFloats(rows * xWidth, rows);
  const y = await empty([rows, width]);
  const step = await upload(Uint32Array.of(3, rows), [2]);
  const actual = await runToFloats(columns({ step, x: await upload(x, [rows, xWidth]), from, y }), y);
  expect(actual).toEqual(columnsReference(x, xWidth, from, width));
});

test("columns leaves rows past count alone", async () => {
  const y = await empty([3, 2]);
  const x = await upload(new Float32Array(12).fill(1), [3, 4]);
  const step = await upload(Uint32Array.of(0, 2), [2]);
  expect([...(await runToFloats(columns({ step, x, from: 2, y }), y))]).toEqual([1, 1, 1, 1, 0, 0]);
});

test("columns says where y would have to lie", async () => {
  const [step, x, y] = [await empty([2], "u32"), await empty([2, 8]), await empty([2, 4])];
  expect(() => columns({ step, x, from: 5, y })).toThrow("y [2,4] from column 5 on does not lie in x [2,8]");
});
