import { expect, test } from "vitest";
import { empty, freeBuffersAfterAll, runToArray, runToFloats, upload } from "../../testing/gpu.js";
import { randomFloats } from "../../testing/random.js";
import { roundedShapes, roundRows } from "./round-rows.js";
import { roundRowsReference } from "./round-rows.reference.js";

freeBuffersAfterAll();

async function rounded(x: Float32Array, [t, k]: readonly [number, number], { evenOdd = false, count = t } = {}) {
  const shapes = roundedShapes(t, k);
  const tensors = { bytes: await empty(shapes.bytes, "u32"), scales: await empty(shapes.scales) };
  const step = await upload(Uint32Array.of(5, count), [2]);
  const dispatch = roundRows({ step, x: await upload(x, [t, k]), rounded: tensors, evenOdd });
  const words = (await runToArray(dispatch, tensors.bytes)) as Uint32Array;
  return {
    bytes: new Int8Array(words.buffer, words.byteOffset, 4 * words.length),
    scales: await runToFloats([], tensors.scales),
  };
}

test("rows become bytes with a scale for every 32 columns, zeros among them", async () => {
  const [t, k] = [5, 96];
  const x = randomFloats(t * k, 1, 3);
  x.fill(0, k, k + 32);
  const { bytes, scales } = await rounded(x, [t, k]);
  const expected = roundRowsReference(x);
  for (const [i, value] of expected.entries()) {
    const scale = scales[2 * Math.floor(i / 32)]!;
    // A half may go either way in f32, which is a whole step.
    expect(Math.abs(scale * bytes[i]! - value), `${i}`).toBeLessThanOrEqual(1.0001 * scale);
  }
  const off = expected.filter((value, i) => Math.abs(scales[2 * Math.floor(i / 32)]! * bytes[i]! - value) > 1e-5);
  expect(off.length).toBeLessThan(3);
  for (let group = 0; group < scales.length / 2; group++) {
    const sum = bytes.subarray(32 * group, 32 * group + 32).reduce((all, byte) => all + byte, 0);
    expect(scales[2 * group + 1]).toBe(Math.fround(scales[2 * group]! * sum));
  }
});

test("the even columns of eight can come before the odd", async () => {
  const x = Float32Array.from({ length: 32 }, (_, i) => (i === 31 ? 127 : i));
  const { bytes } = await rounded(x, [1, 32], { evenOdd: true });
  expect([...bytes.subarray(0, 16)]).toEqual([0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15]);
  expect([...bytes.subarray(24)]).toEqual([24, 26, 28, 30, 25, 27, 29, 127]);
});

test("rows at or past count are left alone", async () => {
  const { bytes, scales } = await rounded(randomFloats(3 * 64, 2), [3, 64], { count: 2 });
  expect(bytes.subarray(2 * 64).every((byte) => byte === 0)).toBe(true);
  expect(scales.subarray(0, 8).every((scale) => scale !== 0)).toBe(true);
  expect([...scales.subarray(8)]).toEqual([0, 0, 0, 0]);
});

test("roundRows names what does not fit", async () => {
  const [step, x] = [await empty([2], "u32"), await empty([2, 40])];
  const tensors = { bytes: await empty([2, 10], "u32"), scales: await empty([2, 2]) };
  expect(() => roundRows({ step, x, rounded: tensors, evenOdd: false })).toThrow(
    "x [2,40], bytes [2,10] and scales [2,2]; [T, K], [T, K / 4] and [T, K / 16] with K a multiple of 32 were expected.",
  );
});
