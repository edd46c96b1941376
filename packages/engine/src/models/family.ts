import type { Forward } from "../graph/graph.js";
import type { RawConfig } from "./config.js";

/** A model as its config describes it: the arithmetic, and the few sizes a runtime must know beforehand. */
export interface Architecture {
  /** What `forward` gives: logits of the next token, or the last hidden state of texts read in both directions. */
  readonly kind: "decoder" | "encoder";
  readonly forward: Forward;
  /** Tokens the model was made for. */
  readonly context: number;
  readonly vocabulary: number;
  readonly layers: number;
  /** The name that the family uses for a tensor or a module of a checkpoint; its own unless given. */
  readonly rename?: (name: string) => string;
  /** Tensors, by the family's names, that checkpoints have and the model leaves out on purpose. */
  readonly unused: RegExp;
  /** Width of the hidden state. */
  readonly hidden: number;
}

export type Family = (config: RawConfig) => Architecture;
