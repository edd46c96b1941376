import type { BenchReport } from "../report.js";
import { COLUMNS } from "./columns.js";
import { headline, omissions } from "./headline.js";
import { peerLines } from "./peers.js";
import { qualityLines } from "./quality.js";

/** For an issue or a page: the adapter, the table, and what is missing from it. */
export function toMarkdown(report: BenchReport): string {
  const { adapter } = report;
  const [name, ...facts] = headline(report);
  const limits = Object.entries(adapter.limits).map(([limit, value]) => `${limit} ${value}`);
  const line = (cells: readonly string[]) => `| ${cells.map(escaped).join(" | ")} |`;
  return `${[
    `**${escaped(name!)}**`,
    "",
    ...facts.map((fact) => `- ${escaped(fact)}`),
    `- features: ${adapter.features.join(", ") || "none"}`,
    "",
    line(COLUMNS.map(({ title }) => title)),
    line(COLUMNS.map(({ align }) => (align === "left" ? ":--" : "--:"))),
    ...report.rows.map((row) => line(COLUMNS.map(({ text }) => text(row)))),
    "",
    ...[...qualityLines(report.quality), ...peerLines(report), ...omissions(report)].map(
      (text) => `- ${escaped(text)}`,
    ),
    "",
    `<details><summary>Limits of this device</summary>${limits.map(escaped).join(", ")}</details>`,
  ].join("\n")}\n`;
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;").replace(/\s+/g, " ");
}
