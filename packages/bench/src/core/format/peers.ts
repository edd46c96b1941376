import type { BenchReport, PeerRow } from "../report.js";
import { nameOf } from "../workload.js";
import { type Column, rate } from "./columns.js";
import { reasonText } from "./reasons.js";

/**
 * A row of another engine, with ours of the same test as a multiple of it. An engine in a browser is held against ours in
 * that browser, where it was measured there.
 */
export function peerColumns(report: BenchReport): readonly Column<PeerRow>[] {
  return [
    { title: "engine", align: "left", text: ({ peer, version }) => `${peer} ${version}` },
    { title: "in", align: "left", text: ({ runtime }) => runtime },
    { title: "runs on", align: "left", text: ({ runsOn }) => runsOn },
    { title: "test", align: "left", text: nameOf },
    { title: "tokens/s", align: "right", text: ({ tokensPerSecond }) => rate(tokensPerSecond) },
    {
      title: "ours / theirs",
      align: "right",
      text: (row) => {
        const ours = timesOurs(report, row);
        return ours ? `${ours.ratio.toFixed(2)}${ours.elsewhere ? " (ours in Node)" : ""}` : "";
      },
    },
    { title: "ids as ours", align: "right", text: ({ agreement: { same, of } }) => `${same} of ${of}` },
  ];
}

/** How each of them was set up, and what could not be measured. */
export function peerNotes({ peers }: BenchReport): string[] {
  if (!peers) return [];
  const settings = new Map(peers.rows.map((row) => [row.peer, row.settings]));
  return [
    ...[...settings].map(([peer, text]) => `${peer}: ${text}`),
    ...peers.failed.map(({ peer, reason }) => `failed: ${peer}: ${reasonText(reason)}`),
    ...peers.skipped.map(({ peer, test, reason }) => `skipped: ${peer}, ${test}: ${reasonText(reason)}`),
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
