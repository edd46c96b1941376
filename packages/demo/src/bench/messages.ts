import type { BenchProgress, BenchReport, BenchSettings } from "@alambic/bench";

/** What the page asks the bench's worker for. One run at a time. */
export type ToBench =
  | {
      readonly type: "run";
      /** In the order in which they are measured. */
      readonly models: readonly BenchModel[];
      readonly settings: BenchSettings;
      readonly runtime: string;
    }
  | { readonly type: "stop" };

/** A name of the ladder; with an address, a checkpoint. */
export interface BenchModel {
  readonly name: string;
  readonly address?: string;
}

export type FromBench =
  | { readonly type: "progress"; readonly progress: BenchProgress }
  | { readonly type: "report"; readonly report: BenchReport }
  | { readonly type: "done" }
  | { readonly type: "failed"; readonly message: string };
