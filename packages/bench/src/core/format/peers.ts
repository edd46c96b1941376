import type { BenchReport, PeerRow } from "../report.js";
import { nameOf } from "../workload.js";
import { rate } from "./columns.js";

/**
 * One line a row of another engine, with ours of the same test as a multiple of it; then what could not be measured. An
 * engine in a browser is held against ours in that browser, where it was measured there.
 */
export function peerLines(report: BenchReport): string[] {
  const { peers } = report;
  if (!peers) return [];
  const lines = peers.rows.map((row) => {
    const ours = timesOurs(report, row);
    const ratio = ours && `, ours ${ours.ratio.toFixed(2)} times that${ours.elsewhere ? " in Node" : ""}`;
    const { same, of } = row.agreement;
    const engine = `${row.peer} ${row.version}, ${row.runtime}, ${row.runsOn}`;
    return `${engine}: ${row.model}, ${nameOf(row)}: ${rate(row.tokensPerSecond)} tokens/s${ratio ?? ""}; ${same} of ${of} ids are ours; ${row.settings}`;
  });
  return [
    ...lines,
    ...peers.failed.map(({ peer, reason }) => `failed: ${peer}: ${reason}`),
    ...(peers.skipped ?? []).map(({ peer, test }) => `skipped: ${peer}, ${test}: no time of the budget was left`),
  ];
}

/** Ours of the same test over another engine's rate; nothing for ours itself. */
export function timesOurs(
  { rows, peers }: BenchReport,
  peer: PeerRow,
): { readonly ratio: number; readonly elsewhere: boolean } | undefined {
  if (peer.peer === OURS) return undefined;
  const same = (each: Pick<PeerRow, "model" | "kind" | "tokens" | "depth">) =>
    each.model === peer.model && nameOf(each) === nameOf(peer);
  const there = peers?.rows.find((each) => each.peer === OURS && each.runtime === peer.runtime && same(each));
  const ours = there ?? rows.find(same);
  if (!ours) return undefined;
  const elsewhere = !there && !peer.runtime.startsWith("Node");
  return { ratio: ours.tokensPerSecond.mean / peer.tokensPerSecond.mean, elsewhere };
}

/** The name of our own engine among the rows of peers: measured in a browser, beside those that run there. */
export const OURS = "Alambic";
