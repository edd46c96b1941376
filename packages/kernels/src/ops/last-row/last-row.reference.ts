/** Row `count - 1` of x, which is `[rows, width]`. */
export function lastRowReference(x: Float32Array, width: number, count: number): Float32Array {
  return x.slice((count - 1) * width, count * width);
}
