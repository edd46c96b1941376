/** Seeded, so that a failure can be run again: mulberry32. Uniform in [0, 1). */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Roughly normal values with the given spread. */
export function randomFloats(count: number, seed: number, spread = 1): Float32Array {
  const next = randomSource(seed);
  return Float32Array.from({ length: count }, () => spread * (next() + next() + next() + next() - 2) * Math.sqrt(3));
}

export function randomWords(count: number, seed: number): Uint32Array {
  const next = randomSource(seed);
  return Uint32Array.from({ length: count }, () => Math.floor(next() * 2 ** 32));
}

/** Normalised mean squared error: squared error over squared reference. */
export function nmse(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) throw new RangeError(`${actual.length} values against ${expected.length}`);
  let error = 0;
  let power = 0;
  for (let i = 0; i < actual.length; i++) {
    error += (actual[i]! - expected[i]!) ** 2;
    power += expected[i]! ** 2;
  }
  return power === 0 ? error : error / power;
}
