/** Columns `from` to `from + width` of x `[rows, xWidth]`, row after row. */
export function columnsReference(x: Float32Array, xWidth: number, from: number, width: number): Float32Array {
  const rows = x.length / xWidth;
  return Float32Array.from({ length: rows * width }, (_, i) => x[Math.floor(i / width) * xWidth + from + (i % width)]!);
}
