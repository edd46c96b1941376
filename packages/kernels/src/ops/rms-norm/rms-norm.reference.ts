/** `y = x / sqrt(mean(x²) + eps) · (weight + unitOffset)` in f64. x is `[rows, width]`. */
export function rmsNormReference(
  x: Float32Array,
  weight: Float32Array,
  { eps, unitOffset = 0 }: { eps: number; unitOffset?: number },
): Float64Array {
  const width = weight.length;
  const y = new Float64Array(x.length);
  for (let row = 0; row < x.length / width; row++) {
    let squares = 0;
    for (let i = 0; i < width; i++) squares += x[row * width + i]! ** 2;
    const scale = 1 / Math.sqrt(squares / width + eps);
    for (let i = 0; i < width; i++) y[row * width + i] = x[row * width + i]! * scale * (weight[i]! + unitOffset);
  }
  return y;
}
