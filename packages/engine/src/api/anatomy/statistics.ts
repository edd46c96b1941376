import type { Distribution } from "../types.js";

const BINS = 96;
/** The histogram ends at this many standard deviations, or before where nothing lies beyond. */
const WIDTH = 5;

export function distributionOf(values: Float32Array): Distribution {
  let [sum, least, most] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    sum += value;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const mean = sum / values.length;
  const deviation = Math.sqrt(values.reduce((squares, value) => squares + (value - mean) ** 2, 0) / values.length);
  const low = Math.max(least, mean - WIDTH * deviation);
  const high = Math.min(most, mean + WIDTH * deviation);
  return { mean, deviation, least, most, low, high, counts: histogram(values, low, high) };
}

/** How many values fall in each of equal bins from `low` to `high`; what lies outside is counted in none. */
export function histogram(values: Float32Array, low: number, high: number): number[] {
  const counts = new Array<number>(BINS).fill(0);
  const scale = high > low ? BINS / (high - low) : 0;
  for (const value of values) {
    if (value < low || value > high) continue;
    counts[Math.min(BINS - 1, Math.floor((value - low) * scale))]!++;
  }
  return counts;
}

/** Root mean square of the differences over that of the values themselves; 0 where all is the same. */
export function relativeError(values: Float32Array, approximate: Float32Array): number {
  let [error, power] = [0, 0];
  values.forEach((value, i) => {
    error += (value - approximate[i]!) ** 2;
    power += value ** 2;
  });
  return power > 0 ? Math.sqrt(error / power) : 0;
}

/** The nearest bf16 numbers, ties to even. */
export function roundToBf16(values: Float32Array): Float32Array {
  const bits = new Uint32Array(values.slice().buffer);
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i]!;
    bits[i] = (word + 0x7fff + ((word >>> 16) & 1)) & 0xffff0000;
  }
  return new Float32Array(bits.buffer);
}

const SHARES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/** The relative error of zeroing the smallest tenth, two tenths, ... of the numbers. */
export function prunedErrors(values: Float32Array): { readonly share: number; readonly error: number }[] {
  const powers = values.map((value) => value ** 2).sort();
  const whole = powers.reduce((sum, power) => sum + power, 0);
  let [next, lost] = [0, 0];
  return SHARES.map((share) => {
    for (; next < Math.floor(share * powers.length); next++) lost += powers[next]!;
    return { share, error: whole > 0 ? Math.sqrt(lost / whole) : 0 };
  });
}
