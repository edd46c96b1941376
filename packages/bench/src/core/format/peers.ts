import type { BenchReport } from "../report.js";
import { nameOf } from "../workload.js";
import { rate } from "./columns.js";

/** One line a row of another engine, with ours of the same test as a multiple of it; then what could not be measured. */
export function peerLines({ rows, peers }: BenchReport): string[] {
  if (!peers) return [];
  const lines = peers.rows.map((row) => {
    const test = nameOf(row);
    const ours = rows.find((each) => each.model === row.model && nameOf(each) === test);
    const ratio = ours && `, ours ${(ours.tokensPerSecond.mean / row.tokensPerSecond.mean).toFixed(2)} times that`;
    const { same, of } = row.agreement;
    return `${row.peer} ${row.version}, ${row.model}, ${test}: ${rate(row.tokensPerSecond)} tokens/s${ratio ?? ""}; ${same} of ${of} ids are ours; ${row.settings}`;
  });
  return [...lines, ...peers.failed.map(({ peer, reason }) => `failed: ${peer}: ${reason}`)];
}
