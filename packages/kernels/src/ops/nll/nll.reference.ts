import { logSoftmax } from "../compare-logits/compare-logits.reference.js";

/** `-log softmax(logits)[target]` of each row, in f64; 0 for a target past the vocabulary. */
export function nllReference(logits: Float32Array, targets: Uint32Array, width: number): Float64Array {
  return Float64Array.from(targets, (target, row) =>
    target < width ? -logSoftmax(logits.subarray(row * width, (row + 1) * width))[target]! : 0,
  );
}
