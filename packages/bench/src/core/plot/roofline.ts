import type { BenchReport, BenchRow } from "../report.js";

/** Tokens per second that reads (tg) or arithmetic (pp) of the adapter allow a dense model of so many parameters. */
export function ceiling(
  { roofline, rows }: BenchReport,
  kind: BenchRow["kind"],
  parameters: number,
): number | undefined {
  const own = rows.filter((row) => row.kind === kind);
  const dense = own.filter((row) => row.activeParameters === undefined);
  if (own.length === 0) return undefined;
  // Bytes or operations for each parameter differ a little from model to model: the middle one stands for all.
  const costs = (dense.length > 0 ? dense : own)
    .map((row) => (kind === "tg" ? row.bytes : row.flops) / row.parameters)
    .toSorted((a, b) => a - b);
  return (1e9 * (kind === "tg" ? roofline.readGBs : roofline.gflops)) / (costs[costs.length >> 1]! * parameters);
}
