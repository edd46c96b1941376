import { type Reason, reasonOf } from "../core/reason.js";
import type { PeerReport, PeerRow } from "../core/report.js";
import { nameOf } from "../core/workload.js";
import { oursInBrowser } from "./browser/ours.js";
import { transformersJs } from "./browser/transformers-js.js";
import { wllamaCpu, wllamaWebGpu } from "./browser/wllama.js";
import { PEER_KEYS, type PeerKey } from "./keys.js";
import { llamaCppCpu, llamaCppVulkan } from "./node-llama-cpp.js";
import { onnxRuntimeWebGpu } from "./onnx-runtime.js";
import type { Peer, PeerTask } from "./peer.js";

const PEERS: Readonly<Record<PeerKey, readonly Peer[]>> = {
  onnxruntime: [onnxRuntimeWebGpu(4), onnxRuntimeWebGpu(1)],
  ours: [oursInBrowser],
  "transformers.js": [transformersJs(4), transformersJs(1)],
  "wllama-webgpu": [wllamaWebGpu],
  "wllama-cpu": [wllamaCpu],
  "llama.cpp-vulkan": [llamaCppVulkan],
  "llama.cpp-cpu": [llamaCppCpu],
};

/** Those named, in the order in which they are measured; all of them for an empty list. */
export function peersNamed(keys: readonly PeerKey[]): Peer[] {
  return PEER_KEYS.filter((key) => keys.length === 0 || keys.includes(key)).flatMap((key) => PEERS[key]);
}

/** Measures one engine after the other. What cannot start is listed with its error. */
export async function runPeers(task: PeerTask, peers: readonly Peer[]): Promise<PeerReport> {
  const rows: PeerRow[] = [];
  const failed: { peer: string; reason: Reason }[] = [];
  const skipped: { peer: string; test: string; reason: Reason }[] = [];
  for (const peer of peers) {
    try {
      task.signal.throwIfAborted();
      const own = await peer.measure(task);
      rows.push(...own);
      const tests = task.workloads.map(nameOf).filter((test) => !own.some((row) => nameOf(row) === test));
      skipped.push(...tests.map((test) => ({ peer: peer.name, test, reason: { code: "budget" } as const })));
    } catch (error) {
      const reason: Reason = task.signal.aborted ? { code: "stopped" } : reasonOf(error);
      failed.push({ peer: peer.name, reason });
    }
  }
  return { rows, failed, skipped };
}
