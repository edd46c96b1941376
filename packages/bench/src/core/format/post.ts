import type { BenchReport } from "../report.js";
import { toMarkdown } from "./markdown.js";

const FENCE = "```";

/** For an issue or a forum: the table for people, and under it the results themselves, which `parseReport` reads from there. */
export function toPost(report: BenchReport): string {
  return [
    toMarkdown(report),
    "<details><summary>JSON</summary>",
    "",
    `${FENCE}json`,
    JSON.stringify(report),
    FENCE,
    "",
    "</details>",
    "",
  ].join("\n");
}

/** The JSON of such a text; any other text as it is. */
export function jsonOfPost(text: string): string {
  return new RegExp(`${FENCE}json\\s+([\\s\\S]*?)\\s*${FENCE}`).exec(text)?.[1] ?? text;
}
