import type { BenchReport } from "../report.js";
import { COLUMNS, type Column } from "./columns.js";
import { headline, omissions } from "./headline.js";
import { peerColumns, peerNotes } from "./peers.js";
import { qualityLines } from "./quality.js";

/** Aligned columns for a terminal. */
export function toTable(report: BenchReport): string {
  const others = report.peers?.rows ?? [];
  return `${[
    ...headline(report),
    "",
    ...(report.rows.length > 0 ? aligned(COLUMNS, report.rows) : ["no rows"]),
    ...section(qualityLines(report.quality)),
    ...section(others.length > 0 ? aligned(peerColumns(report), others) : []),
    ...section(peerNotes(report)),
    ...section(omissions(report)),
  ].join("\n")}\n`;
}

function section(lines: readonly string[]): readonly string[] {
  return lines.length > 0 ? ["", ...lines] : [];
}

function aligned<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ text }) => text(row)))];
  const widths = columns.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)));
  return cells.map((line) =>
    line
      .map((cell, column) =>
        columns[column]!.align === "left" ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      )
      .join("  ")
      .trimEnd(),
  );
}
