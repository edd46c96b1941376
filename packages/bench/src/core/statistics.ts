export interface Summary {
  readonly mean: number;
  /** Sample standard deviation (n - 1); 0 for a single value, which says nothing about spread. */
  readonly deviation: number;
  readonly samples: readonly number[];
}

/** @throws RangeError when there is nothing to sum up, or a value that is no number. */
export function summarise(samples: readonly number[]): Summary {
  if (samples.length === 0) throw new RangeError("There are no samples to sum up.");
  const wrong = samples.find((sample) => !Number.isFinite(sample));
  if (wrong !== undefined) throw new RangeError(`A sample is ${wrong}; a measurement is a finite number.`);
  const mean = samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
  const squares = samples.reduce((sum, sample) => sum + (sample - mean) ** 2, 0);
  return { mean, deviation: samples.length > 1 ? Math.sqrt(squares / (samples.length - 1)) : 0, samples };
}
