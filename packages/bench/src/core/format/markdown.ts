import type { BenchReport } from "../report.js";
import { COLUMNS, type Column } from "./columns.js";
import { headline, omissions } from "./headline.js";
import { peerColumns, peerNotes } from "./peers.js";
import { qualityLines } from "./quality.js";

/** For an issue or a page: the adapter, the table, and what is missing from it. */
export function toMarkdown(report: BenchReport): string {
  const { adapter } = report;
  const [name, ...facts] = headline(report);
  const limits = Object.entries(adapter.limits).map(([limit, value]) => `${limit} ${value}`);
  const others = report.peers?.rows ?? [];
  return `${[
    `**${escaped(name!)}**`,
    "",
    ...facts.map((fact) => `- ${escaped(fact)}`),
    `- features: ${adapter.features.join(", ") || "none"}`,
    "",
    ...table(COLUMNS, report.rows),
    "",
    ...(others.length > 0 ? [...table(peerColumns(report), others), ""] : []),
    ...[...qualityLines(report.quality), ...peerNotes(report), ...omissions(report)].map(
      (text) => `- ${escaped(text)}`,
    ),
    "",
    `<details><summary>Limits of this device</summary>${limits.map(escaped).join(", ")}</details>`,
  ].join("\n")}\n`;
}

function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(escaped).join(" | ")} |`;
  return [
    line(columns.map(({ title }) => title)),
    line(columns.map(({ align }) => (align === "left" ? ":--" : "--:"))),
    ...rows.map((row) => line(columns.map(({ text }) => text(row)))),
  ];
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;").replace(/\s+/g, " ");
}
