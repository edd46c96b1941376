import type { Parameter } from "../graph/graph.js";

/** A projection, or several that are computed as one, by their weights. */
export type Projection = readonly Parameter[];

/** The module's path as PEFT knows it: a head that shares the embedding's weight is still a module of its own. */
export function linearOf({ module, vocabulary }: Parameter): string {
  return vocabulary ? "lm_head" : module;
}
