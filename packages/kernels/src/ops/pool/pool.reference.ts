import type { PoolInputs } from "./pool.js";

/** The vectors of texts in f64; each of `texts` is a text's first row and the one past its last. */
export function poolReference(
  x: Float32Array,
  width: number,
  texts: readonly (readonly [number, number])[],
  { pooling, normalize }: Pick<PoolInputs, "pooling" | "normalize">,
): Float64Array {
  const vectors = texts.flatMap(([first, past]) => {
    const end = pooling === "mean" ? past : first + 1;
    const vector = Array.from({ length: width }, (_, i) => {
      let sum = 0;
      for (let row = first; row < end; row++) sum += x[row * width + i]!;
      return sum / (end - first);
    });
    const norm = normalize ? Math.max(Math.hypot(...vector), 1e-12) : 1;
    return vector.map((value) => value / norm);
  });
  return Float64Array.from(vectors);
}
