import { type Reason, readReason } from "../reason.js";
import { type BenchReport, type BenchRow, FORMAT, type PeerReport, type PeerRow } from "../report.js";
import { jsonOfPost } from "./post.js";

export function toJson(report: BenchReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

/**
 * A line with everything but the rows, then a line a row, ours (`row`) and other engines' (`peer`), each naming its
 * adapter: for a log of many runs.
 */
export function toJsonLines({ rows, peers, ...run }: BenchReport): string {
  const { date, adapter } = run;
  const about = { date, adapter: adapter.name, adapterKind: adapter.kind };
  const { rows: others = [], ...missing } = peers ?? {};
  const lines = [
    { type: "run", ...run, ...(peers && { peers: missing }) },
    ...rows.map((row) => ({ type: "row", ...about, ...row })),
    ...others.map((row) => ({ type: "peer", ...about, ...row })),
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** What is wrong with a file: no JSON, another program's or a later version's, or figures that are missing. */
export type ReportProblem = "not-json" | "format" | "damaged";

/** A file was not written by `--json` of this version. The message is for developers; `problem` is for whoever says it in another language. */
export class ReportError extends Error {
  readonly problem: ReportProblem;

  constructor(problem: ReportProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

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
    throw new ReportError(
      "not-json",
      `${name} is not JSON (${(cause as Error).message}). Give files that --json wrote.`,
    );
  }
  if (report?.format !== FORMAT) {
    throw new ReportError(
      "format",
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
    throw new ReportError(
      "damaged",
      `${name} is damaged: rows, adapter, roofline or settings are missing. Measure again.`,
    );
  }
  const wrong = report.rows!.findIndex((row) => !isRow(row));
  if (wrong >= 0) {
    throw new ReportError(
      "damaged",
      `${name} is damaged: row ${wrong + 1} lacks a figure or has one that is none. Measure again.`,
    );
  }
  const peers = report.peers;
  const wrongPeer = peers ? (Array.isArray(peers.rows) ? peers.rows.findIndex((row) => !isPeerRow(row)) : 0) : -1;
  if (wrongPeer >= 0) {
    throw new ReportError(
      "damaged",
      `${name} is damaged: row ${wrongPeer + 1} of another engine lacks a figure. Measure again.`,
    );
  }
  return {
    ...(report as BenchReport),
    rejected: report.rejected!.map(withReason),
    skipped: report.skipped!.map(withReason),
    ...(peers && { peers: readPeers(peers, report.rows!) }),
  };
}

/** Earlier versions wrote reasons as sentences, none for tests of peers that were left out, and no size of their model. */
function readPeers(
  { rows, failed = [], skipped = [] }: Partial<PeerReport> & Pick<PeerReport, "rows">,
  ours: readonly BenchRow[],
): PeerReport {
  const sizeOf = (model: string) => ours.find((row) => row.model === model)?.parameters;
  return {
    rows: rows.flatMap((row) => {
      const parameters = row.parameters ?? sizeOf(row.model);
      return parameters > 0 ? { ...row, parameters } : [];
    }),
    failed: failed.map(withReason),
    skipped: skipped.map((row) =>
      row.reason === undefined ? { ...row, reason: { code: "budget" } } : withReason(row),
    ),
  };
}

function withReason<Row extends { readonly reason: Reason }>(row: Row): Row {
  return { ...row, reason: readReason(row.reason) };
}

/** What is drawn and printed of a row: files come from other people, too. */
function isRow(row: Partial<BenchRow> | null): boolean {
  const positive = [row?.parameters, row?.weightBytes, row?.bytes, row?.flops, row?.dispatches];
  return (
    isTest(row) &&
    positive.every((value) => Number.isFinite(value) && value! > 0) &&
    [row?.share, row?.cpuMicroseconds].every(Number.isFinite)
  );
}

function isPeerRow(row: Partial<PeerRow> | null): boolean {
  const texts = [row?.peer, row?.version, row?.runtime, row?.runsOn, row?.settings];
  const counts = [row?.agreement?.same, row?.agreement?.of];
  return isTest(row) && texts.every((text) => typeof text === "string") && counts.every(Number.isFinite);
}

function isTest(row: Partial<BenchRow | PeerRow> | null): boolean {
  const rate = row?.tokensPerSecond;
  return (
    typeof row?.model === "string" &&
    (row.kind === "pp" || row.kind === "tg") &&
    [row.tokens, rate?.mean].every((value) => Number.isFinite(value) && value! > 0) &&
    [row.depth, rate?.deviation].every(Number.isFinite) &&
    Array.isArray(rate?.samples)
  );
}
