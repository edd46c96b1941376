import { type BenchReport, type BenchRow, FORMAT } from "../report.js";
import { jsonOfPost } from "./post.js";

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

/**
 * Reads what `--json` wrote, or a post that holds it.
 *
 * @throws {@link ReportError} naming the file and what is wrong with it.
 */
export function parseReport(text: string, name: string): BenchReport {
  let report: Partial<BenchReport> | null;
  try {
    report = JSON.parse(jsonOfPost(text));
  } catch (cause) {
    throw new ReportError(`${name} is not JSON (${(cause as Error).message}). Give files that --json wrote.`);
  }
  if (report?.format !== FORMAT) {
    throw new ReportError(
      `${name} has format ${JSON.stringify(report?.format)}; this version reads ${JSON.stringify(FORMAT)}. Give files that --json wrote.`,
    );
  }
  const lists = [report.rows, report.quality, report.rejected, report.skipped];
  if (
    !lists.every(Array.isArray) ||
    typeof report.adapter?.name !== "string" ||
    typeof report.date !== "string" ||
    !report.roofline ||
    !report.settings
  ) {
    throw new ReportError(`${name} is damaged: rows, adapter, roofline or settings are missing. Measure again.`);
  }
  const wrong = report.rows!.findIndex((row) => !isRow(row));
  if (wrong >= 0) {
    throw new ReportError(
      `${name} is damaged: row ${wrong + 1} lacks a figure or has one that is none. Measure again.`,
    );
  }
  return report as BenchReport;
}

/** What is drawn and printed of a row: files come from other people, too. */
function isRow(row: Partial<BenchRow> | null): boolean {
  const rate = row?.tokensPerSecond;
  const positive = [
    row?.tokens,
    row?.parameters,
    row?.weightBytes,
    row?.bytes,
    row?.flops,
    row?.dispatches,
    rate?.mean,
  ];
  return (
    typeof row?.model === "string" &&
    (row.kind === "pp" || row.kind === "tg") &&
    positive.every((value) => Number.isFinite(value) && value! > 0) &&
    [row.depth, row.share, row.cpuMicroseconds, rate?.deviation].every(Number.isFinite) &&
    Array.isArray(rate?.samples)
  );
}
