import { expect, test } from "vitest";
import { summarise } from "./statistics.js";

const cases = [
  { why: "one value has no spread", samples: [3.5], mean: 3.5, deviation: 0 },
  { why: "equal values", samples: [2, 2, 2], mean: 2, deviation: 0 },
  { why: "two values: n - 1 is 1", samples: [1, 3], mean: 2, deviation: Math.SQRT2 },
  { why: "a textbook's eight", samples: [2, 4, 4, 4, 5, 5, 7, 9], mean: 5, deviation: Math.sqrt(32 / 7) },
  { why: "small against its offset", samples: [1e9, 1e9 + 1, 1e9 + 2], mean: 1e9 + 1, deviation: 1 },
];
test.each(cases)("$why", ({ samples, mean, deviation }) => {
  const summary = summarise(samples);
  expect(summary.mean).toBeCloseTo(mean, 9);
  expect(summary.deviation).toBeCloseTo(deviation, 9);
  expect(summary.samples).toEqual(samples);
});

test.each([{ samples: [] }, { samples: [1, Number.NaN] }, { samples: [Number.POSITIVE_INFINITY] }])(
  "$samples is nothing to sum up",
  ({ samples }) => {
    expect(() => summarise(samples)).toThrow(RangeError);
  },
);
