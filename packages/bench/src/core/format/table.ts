import type { BenchReport } from "../report.js";
import { COLUMNS } from "./columns.js";
import { headline, omissions } from "./headline.js";
import { peerLines } from "./peers.js";
import { qualityLines } from "./quality.js";

/** Aligned columns for a terminal. */
export function toTable(report: BenchReport): string {
  return `${[
    ...headline(report),
    "",
    ...(report.rows.length > 0 ? alignedRows(report) : ["no rows"]),
    ...section(qualityLines(report.quality)),
    ...section(peerLines(report)),
    ...section(omissions(report)),
  ].join("\n")}\n`;
}

function section(lines: readonly string[]): readonly string[] {
  return lines.length > 0 ? ["", ...lines] : [];
}

function alignedRows({ rows }: BenchReport): string[] {
  const cells = [COLUMNS.map(({ title }) => title), ...rows.map((row) => COLUMNS.map(({ text }) => text(row)))];
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)));
  return cells.map((line) =>
    line
      .map((cell, column) =>
        COLUMNS[column]!.align === "left" ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      )
      .join("  ")
      .trimEnd(),
  );
}
