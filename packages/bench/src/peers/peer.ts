import type { PeerRow } from "../core/report.js";
import type { Workload } from "../core/workload.js";

/** The same for every engine of a run. */
export interface PeerTask {
  /** Folder of the checkpoint. */
  readonly folder: string;
  readonly model: string;
  readonly vocabulary: number;
  readonly workloads: readonly Workload[];
  readonly repetitions: number;
  readonly budgetSeconds: number;
  /** A prompt, and the greedy ids that ours answers. */
  readonly reference: { readonly prompt: readonly number[]; readonly ids: readonly number[] };
  /** Where packages and converted models are kept from run to run. */
  readonly cache: string;
  readonly signal: AbortSignal;
  readonly onProgress: (doing: string) => void;
}

/** Another engine. */
export interface Peer {
  readonly name: string;
  /** @throws when it cannot be installed, started, or answers wrongly: the message is printed in place of its rows. */
  measure(task: PeerTask): Promise<PeerRow[]>;
}
