import type { QualityRow } from "../report.js";

/** One line a model. */
export function qualityLines(rows: readonly QualityRow[]): string[] {
  return rows.map(({ model, bitsPerByte, klToTeacher, teacher }) => {
    const kl = klToTeacher === undefined ? "" : `, KL to ${teacher} ${klToTeacher.toFixed(3)} nats a token`;
    return `${model}: ${bitsPerByte.toFixed(3)} bits per byte${kl}`;
  });
}
