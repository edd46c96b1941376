import type { Forward } from "../graph/graph.js";
import type { RawConfig } from "./config.js";

/** A model as its config describes it: the arithmetic, and the few sizes a runtime must know beforehand. */
export interface Architecture {
  readonly forward: Forward;
  /** Tokens the model was made for. */
  readonly context: number;
  readonly vocabulary: number;
  readonly layers: number;
  /** Numbers that one token adds to the keys of one layer, and again to its values. */
  readonly kvWidth: number;
}

export type Family = (config: RawConfig) => Architecture;
