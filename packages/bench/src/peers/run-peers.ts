import type { PeerReport, PeerRow } from "../core/report.js";
import { onnxRuntimeWebGpu } from "./onnx-runtime.js";
import type { Peer, PeerTask } from "./peer.js";

const PEERS: readonly Peer[] = [onnxRuntimeWebGpu];

/** Measures one engine after the other. What cannot start is listed with its error. */
export async function runPeers(task: PeerTask, peers = PEERS): Promise<PeerReport> {
  const rows: PeerRow[] = [];
  const failed: { peer: string; reason: string }[] = [];
  for (const peer of peers) {
    try {
      task.signal.throwIfAborted();
      rows.push(...(await peer.measure(task)));
    } catch (error) {
      const reason = task.signal.aborted ? "stopped" : error instanceof Error ? error.message : String(error);
      failed.push({ peer: peer.name, reason });
    }
  }
  return { rows, failed };
}
