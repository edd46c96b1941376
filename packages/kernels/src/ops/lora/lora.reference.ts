/** One adapter of one projection, as PEFT keeps it. */
export interface PlainAdapter {
  /** `[r, K]`. */
  readonly a: Float32Array;
  /** `[N, r]`. */
  readonly b: Float32Array;
  readonly rank: number;
  readonly scale: number;
  /** First row of y that it adds to. */
  readonly firstRow: number;
}

/** `y + scale · B (A x)` in f64, adapter after adapter. x is `[T, k]`, y `[T, n]`. */
export function loraReference(
  x: Float32Array,
  y: Float32Array,
  [k, n]: readonly [number, number],
  adapters: readonly PlainAdapter[],
): Float64Array {
  const result = Float64Array.from(y);
  for (const { a, b, rank, scale, firstRow } of adapters) {
    for (let token = 0; token < x.length / k; token++) {
      for (let row = 0; row < b.length / rank; row++) {
        let sum = 0;
        for (let r = 0; r < rank; r++) {
          let inner = 0;
          for (let i = 0; i < k; i++) inner += a[r * k + i]! * x[token * k + i]!;
          sum += b[row * rank + r]! * inner;
        }
        result[token * n + firstRow + row]! += scale * sum;
      }
    }
  }
  return result;
}
