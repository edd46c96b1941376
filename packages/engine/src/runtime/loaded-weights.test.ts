import { ropeTable } from "@alambic/kernels";
import { expect, test } from "vitest";
import { testGpu } from "../testing/gpu.js";
import { LoadedWeights } from "./loaded-weights.js";

test("LongRoPE's table follows the length of the text", async () => {
  const { buffers } = await testGpu();
  const scaling = {
    rope_type: "longrope",
    short_factor: [1, 1.5],
    long_factor: [2, 40],
    original_max_position_embeddings: 6,
    factor: 2,
  } as const;
  const weights = new LoadedWeights(buffers, 12);
  const table = weights.ropeTable({ theta: 10_000, scaling, rotaryDim: 4 }, 8);
  const expected = (positions: number) => ropeTable({ rotaryDim: 4, theta: 10_000, positions, scaling });
  expect(expected(12).slice(4, 8)).not.toEqual(expected(6).slice(4, 8)); // the second position tells them apart

  for (const { length, positions } of [
    { length: 6, positions: 6 },
    { length: 7, positions: 12 },
    { length: 12, positions: 12 },
    { length: 1, positions: 6 },
  ]) {
    weights.rotateFor(length);
    expect(await buffers.read(table, 4 * positions), `${length} tokens`).toEqual(expected(positions));
  }
  weights.dispose();
});
