/** `[rows, 4]` in f64: KL(teacher ‖ student) in nats, both top tokens, the teacher's entropy in nats. */
export function compareLogitsReference(teacher: Float32Array, student: Float32Array, width: number): Float64Array {
  const rows = teacher.length / width;
  const result = new Float64Array(4 * rows);
  for (let row = 0; row < rows; row++) {
    const p = logSoftmax(teacher.subarray(row * width, (row + 1) * width));
    const q = logSoftmax(student.subarray(row * width, (row + 1) * width));
    let kl = 0;
    let entropy = 0;
    for (let i = 0; i < width; i++) {
      const weight = Math.exp(p[i]!);
      if (weight === 0) continue; // a masked token, whose logarithm may be as large as it likes
      kl += weight * (p[i]! - q[i]!);
      entropy -= weight * p[i]!;
    }
    result.set([kl, top(p), top(q), entropy], 4 * row);
  }
  return result;
}

export function logSoftmax(logits: Float32Array): Float64Array {
  const greatest = logits.reduce((a, b) => Math.max(a, b));
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - greatest), 0);
  return Float64Array.from(logits, (logit) => logit - greatest - Math.log(total));
}

function top(values: Float64Array): number {
  return values.indexOf(values.reduce((a, b) => Math.max(a, b)));
}
