import type { Choices, DroppedVariant } from "@alambic/kernels";

/** What earlier searches chose. Losing it costs a search, so neither method may reject. */
export interface TuningCache {
  /** Variants by problem, for an adapter and its driver; empty where nothing is known. */
  get(adapter: string): Promise<Choices>;
  set(adapter: string, choices: Choices): Promise<void>;
}

/** What a load found out about this device. */
export interface TuningOutcome {
  /** Chosen, by problem. One that is not here runs in its default. */
  readonly variants: Choices;
  /** Variants that did not compile, failed on this device, or disagreed with the plain kernel. */
  readonly dropped: readonly DroppedVariant[];
  /** Problems for which the time did not suffice; the next load goes on with them. */
  readonly untried: readonly string[];
  /** Milliseconds of searching: 0 where all was known or tuning is off. */
  readonly tuningMs: number;
}
