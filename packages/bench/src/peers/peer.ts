import type { PeerRow } from "../core/report.js";
import { nameOf, promptOf, type Workload } from "../core/workload.js";
import type { PeerRequest } from "./run-tests.js";

/** The same for every engine of a run. */
export interface PeerTask {
  /** Folder of the checkpoint. */
  readonly folder: string;
  readonly model: string;
  readonly parameters: number;
  readonly vocabulary: number;
  readonly workloads: readonly Workload[];
  readonly repetitions: number;
  readonly budgetSeconds: number;
  /** Whether ours ran on a GPU. */
  readonly adapterKind: "gpu" | "software";
  /** A prompt, and the greedy ids that ours answers. */
  readonly reference: { readonly prompt: readonly number[]; readonly ids: readonly number[] };
  /** Where packages and converted models are kept from run to run. */
  readonly cache: string;
  readonly signal: AbortSignal;
  readonly onProgress: (doing: string) => void;
}

/** Another engine. */
export interface Peer {
  /** As it is named in results. */
  readonly name: string;
  /** @throws when it cannot be installed, started, or answers wrongly: the message is printed in place of its rows. */
  measure(task: PeerTask): Promise<PeerRow[]>;
}

/** What any engine is asked for. */
export function requestOf({ workloads, vocabulary, reference, repetitions, budgetSeconds }: PeerTask): PeerRequest {
  return {
    reference: { prompt: reference.prompt, count: reference.ids.length },
    tests: workloads.map((workload) => ({
      ...workload,
      name: nameOf(workload),
      prompt: promptOf(workload, vocabulary),
    })),
    repetitions,
    budgetSeconds,
  };
}

/** Room for the beginning, and for the end of a run that began in time. */
export function timeoutOf({ budgetSeconds }: Pick<PeerTask, "budgetSeconds">): number {
  return 3 * budgetSeconds + 180;
}
