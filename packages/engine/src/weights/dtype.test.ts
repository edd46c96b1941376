import { expect, test } from "vitest";
import { bytesOf } from "../testing/safetensors.js";
import { widen } from "./dtype.js";

const halves = [
  { dtype: "F16", bits: 0x3c00, value: 1 },
  { dtype: "F16", bits: 0xc100, value: -2.5 },
  { dtype: "F16", bits: 0x7bff, value: 65504 },
  { dtype: "F16", bits: 0x0001, value: 2 ** -24 },
  { dtype: "F16", bits: 0x83ff, value: -1023 * 2 ** -24 },
  { dtype: "F16", bits: 0x8000, value: -0 },
  { dtype: "F16", bits: 0xfc00, value: Number.NEGATIVE_INFINITY },
  { dtype: "F16", bits: 0x7e00, value: Number.NaN },
  { dtype: "BF16", bits: 0x3f80, value: 1 },
  { dtype: "BF16", bits: 0xc0a0, value: -5 },
  { dtype: "BF16", bits: 0x0001, value: 2 ** -133 },
  { dtype: "BF16", bits: 0x7f80, value: Number.POSITIVE_INFINITY },
] as const;
test.each(halves)("$dtype $bits is $value", ({ dtype, bits, value }) => {
  const odd = new Uint8Array([0, bits & 0xff, bits >> 8]).subarray(1); // an odd place in memory
  expect([...widen(odd, dtype)]).toEqual([value]);
});

test("F32 goes through as it is", () => {
  const values = Float32Array.of(1.5, -0, 3e38, 1e-45);
  expect(widen(bytesOf(values), "F32")).toEqual(values);
});
