import { expect, test } from "vitest";
import { empty, freeBuffersAfterAll, runToFloats, upload } from "../../testing/gpu.js";
import { randomFloats, randomSource } from "../../testing/random.js";
import { reorder } from "./reorder.js";
import { reorderReference } from "./reorder.reference.js";

freeBuffersAfterAll();

test.each([
  { why: "smallest", rows: 1, width: 1 },
  { why: "an odd width", rows: 5, width: 71 },
  { why: "past several spans", rows: 3, width: 1759 },
])("reorder, $why ($rows × $width)", async ({ rows, width }) => {
  const x = randomFloats(rows * width, rows);
  const next = randomSource(width);
  const order = Uint32Array.from({ length: width }, (_, i) => i).sort(() => next() - 0.5);
  const y = await empty([rows, width]);
  const step = await upload(Uint32Array.of(3, rows), [2]);
  const inputs = { step, x: await upload(x, [rows, width]), order: await upload(order, [width]), y };
  expect(await runToFloats(reorder(inputs), y)).toEqual(reorderReference(x, order));
});

test("reorder leaves rows past count alone, and names what does not fit", async () => {
  const [y, order] = [await empty([3, 2]), await upload(Uint32Array.of(1, 0), [2])];
  const x = await upload(Float32Array.of(1, 2, 3, 4, 5, 6), [3, 2]);
  const step = await upload(Uint32Array.of(0, 2), [2]);
  expect([...(await runToFloats(reorder({ step, x, order, y }), y))]).toEqual([2, 1, 4, 3, 0, 0]);
  expect(() => reorder({ step, x: { ...x, shape: [2, 3] }, order, y })).toThrow("does not fit x [2,3]");
});
