import { expect, test } from "vitest";
import { RateMeter } from "./rate-meter.js";

function meter(arrivals: readonly (readonly [tokens: number, at: number])[]): RateMeter {
  const made = new RateMeter(1000);
  for (const [tokens, at] of arrivals) made.add(tokens, at);
  return made;
}

test("has no figures before the first token", () => {
  const { tokens, firstTokenMs, now, mean } = meter([]);
  expect({ tokens, firstTokenMs, now, mean }).toEqual({
    tokens: 0,
    firstTokenMs: undefined,
    now: undefined,
    mean: undefined,
  });
});

test("has a time and no rate after one arrival", () => {
  const { tokens, firstTokenMs, now, mean } = meter([[1, 1420]]);
  expect({ tokens, firstTokenMs, now, mean }).toEqual({
    tokens: 1,
    firstTokenMs: 420,
    now: undefined,
    mean: undefined,
  });
});

test("counts the tokens after the first arrival, over the time since it", () => {
  const made = meter([
    [3, 1500],
    [2, 2000],
    [4, 2500],
  ]);
  expect(made.tokens).toBe(9);
  expect(made.mean).toBeCloseTo(6, 10); // 6 tokens in 1 s
});

test("tells the last two seconds from the whole", () => {
  const slowThenFast = [1, 2, 3].map((i) => [1, 1000 * i] as const); // 1 token/s
  const fast = Array.from({ length: 41 }, (_, i) => [1, 10_000 + 100 * i] as const); // 10 tokens/s for 4 s
  const made = meter([...slowThenFast, ...fast]);
  expect(made.now).toBeCloseTo(10, 10);
  expect(made.mean).toBeCloseTo(43 / 13, 10);
});

test("has a rate now on a device slower than its window", () => {
  expect(meter([0, 1, 2, 3, 4].map((i) => [1, 5000 * i] as const)).now).toBeCloseTo(0.2, 10);
});

test("ignores an arrival without tokens", () => {
  const made = meter([
    [1, 1100],
    [1, 1200],
    [0, 9000],
  ]);
  expect(made.mean).toBeCloseTo(10, 10);
});
