import { expect, test } from "vitest";
import { sizeClass } from "../parts/size-class.js";
import { roundedUp } from "./scale.js";

test.each([
  { why: "no rate yet", value: 0, end: 1 },
  { why: "below one", value: 0.31, end: 0.5 },
  { why: "exactly a step", value: 20, end: 20 },
  { why: "just above a step", value: 20.1, end: 50 },
  { why: "the top of a decade", value: 51, end: 100 },
])("the scale of $value ends at $end ($why)", ({ value, end }) => {
  expect(roundedUp(value)).toBeCloseTo(end, 12);
});

test.each([
  { parameters: 134_515_008, size: "XS" },
  { parameters: 6.9e9, size: "XS" },
  { parameters: 7e9, size: "S" },
  { parameters: 24e9, size: "M" },
  { parameters: 70e9, size: "L" },
  { parameters: 405e9, size: "XL" },
])("$parameters parameters are $size", ({ parameters, size }) => {
  expect(sizeClass(parameters)).toBe(size);
});
