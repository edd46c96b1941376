import type { Graph, Parameter } from "../graph/graph.js";
import type { Fusions } from "./fusions.js";

/**
 * The same fusions, but for norms that a projection would apply while reading its input, where it must have the normed
 * input itself: to put its columns in order, or to hand it to an adapter.
 */
export function keepingInputs(fusions: Fusions, graph: Graph, whole: (weight: Parameter) => boolean): Fusions {
  const kept = new Set(
    graph.nodes.flatMap(({ operation }) => (operation.op === "linear" && whole(operation.weight) ? operation.x : [])),
  );
  if (kept.size === 0) return fusions;
  return { ...fusions, inputNorms: new Set([...fusions.inputNorms].filter((node) => !kept.has(node))) };
}
