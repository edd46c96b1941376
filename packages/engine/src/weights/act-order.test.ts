import { expect, test } from "vitest";
import { failure } from "../testing/failure.js";
import { sortColumns } from "./act-order.js";

test("columns are sorted by group, and stay in order within one", () => {
  const sorted = sortColumns("g_idx", Int32Array.of(1, 0, 2, 0, 1), 2);
  expect(sorted).toEqual({ indices: Uint32Array.of(1, 3, 0, 4, 2), places: Uint32Array.of(2, 0, 4, 1, 3) });
});

test.each([
  { why: "in order", groups: [0, 0, 1, 1, 2] },
  { why: "not filled in", groups: [0, 0, 0, 0, 0] },
])("nothing to sort: $why", ({ groups }) => {
  expect(sortColumns("g_idx", Int32Array.from(groups), 2)).toBeUndefined();
});

test.each([
  {
    why: "past the last group",
    groups: [0, 0, 1, 3, 2],
    error: "g_idx[3] is 3; 5 columns in groups of 2 have groups 0 to 2",
  },
  { why: "negative", groups: [-1, 0, 1, 1, 2], error: "g_idx[0] is -1; 5 columns in groups of 2" },
  { why: "uneven", groups: [0, 0, 0, 1, 2], error: "g_idx puts 3 columns in group 0; 2 were expected" },
])("refused: $why", async ({ groups, error }) => {
  expect(await failure(() => sortColumns("g_idx", Int32Array.from(groups), 2))).toContain(
    `checkpoint-quantization: ${error}`,
  );
});
