import { type BenchReport, FORMAT } from "../report.js";

export function toJson(report: BenchReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** A line with everything but the rows, then a line a row, each naming its adapter: for a log of many runs. */
export function toJsonLines({ rows, ...run }: BenchReport): string {
  const { date, adapter } = run;
  const about = { date, adapter: adapter.name, adapterKind: adapter.kind };
  const lines = [{ type: "run", ...run }, ...rows.map((row) => ({ type: "row", ...about, ...row }))];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** A file was not written by `--json` of this version. */
export class ReportError extends Error {}

/** @throws {@link ReportError} naming the file and what is wrong with it. */
export function parseReport(text: string, name: string): BenchReport {
  let report: Partial<BenchReport> | null;
  try {
    report = JSON.parse(text);
  } catch (cause) {
    throw new ReportError(`${name} is not JSON (${(cause as Error).message}). Give files that --json wrote.`);
  }
  if (report?.format !== FORMAT) {
    throw new ReportError(
      `${name} has format ${JSON.stringify(report?.format)}; this version reads ${JSON.stringify(FORMAT)}. Give files that --json wrote.`,
    );
  }
  const lists = [report.rows, report.quality, report.rejected, report.skipped];
  if (!lists.every(Array.isArray) || !report.adapter?.name || !report.roofline || !report.settings) {
    throw new ReportError(`${name} is damaged: rows, adapter, roofline or settings are missing. Measure again.`);
  }
  return report as BenchReport;
}
