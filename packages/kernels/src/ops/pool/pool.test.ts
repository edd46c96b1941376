import { describe, expect, test } from "vitest";
import { empty, freeBuffersAfterAll, runToFloats, upload } from "../../testing/gpu.js";
import { nmse, randomFloats } from "../../testing/random.js";
import { pool } from "./pool.js";
import { poolReference } from "./pool.reference.js";

freeBuffersAfterAll();

const hundred = Array.from({ length: 100 }, (_, i): [number, number] => [i, i + 1]);
const cases: { why: string; rows: number; width: number; texts: [number, number][] }[] = [
  { why: "smallest", rows: 1, width: 1, texts: [[0, 1]] },
  { why: "a prime width past several strides", rows: 9, width: 1759, texts: [[0, 2], [2, 3], [3, 9]] }, // biome-ignore format: pairs
  { why: "MiniLM", rows: 276, width: 384, texts: [[0, 256], [256, 276]] }, // biome-ignore format: pairs
  { why: "many short texts", rows: 100, width: 40, texts: hundred },
];
const ways = (["mean", "cls"] as const).flatMap((pooling) =>
  [true, false].map((normalize) => ({ pooling, normalize })),
);

describe.each(ways)("$pooling, normalized: $normalize", (way) => {
  test.each(cases)("$why ($rows × $width)", async ({ rows, width, texts }) => {
    const x = randomFloats(rows * width, width);
    const y = await empty([texts.length, width]);
    const inputs = {
      x: await upload(x, [rows, width]),
      texts: await upload(Uint32Array.from(texts.flat()), [texts.length, 2]),
      y,
    };
    const actual = await runToFloats(pool({ ...inputs, ...way }), y);
    expect(nmse(actual, poolReference(x, width, texts, way))).toBeLessThan(1e-12);
  });
});

test("a text of zeros stays one, and where there is no text nothing is written", async () => {
  const y = await upload(new Float32Array(8).fill(7), [2, 4], "output");
  const x = await upload(new Float32Array(8), [2, 4]);
  const texts = await upload(Uint32Array.of(0, 2, 2, 2), [2, 2]);
  const actual = await runToFloats(pool({ x, texts, y, pooling: "mean", normalize: true }), y);
  expect([...actual]).toEqual([0, 0, 0, 0, 7, 7, 7, 7]);
});

test("pool names what does not fit", async () => {
  const [x, texts, y] = [await empty([2, 4]), await empty([3, 2], "u32"), await empty([3, 5])];
  expect(() => pool({ x, texts, y, pooling: "cls", normalize: false })).toThrow(
    "x is [2,4], so texts must be [N,2] and y [N,4]; found [3,2] and [3,5]",
  );
});
