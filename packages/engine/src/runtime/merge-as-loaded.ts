import type { Gpu } from "@alambic/kernels";
import type { Graph, Node, Parameter } from "../graph/graph.js";
import { findFusions, mergedParameters } from "./fusions.js";
import type { LoadedWeights } from "./loaded-weights.js";

/**
 * Merges the parameters that every plan would read as one.
 *
 * @returns what to call after each parameter was set. A group is merged as soon as it is whole, so that hardly more than
 *   one stands on the GPU twice.
 */
export function mergeAsLoaded(
  gpu: Gpu,
  weights: LoadedWeights,
  { graph, output }: { readonly graph: Graph; readonly output: Node },
): (parameter: Parameter) => void {
  const groups = mergedParameters(findFusions(graph, output));
  const waiting = new Map(
    groups.flatMap((group) => [...group.matrices, ...group.biases].map(({ name }) => [name, group])),
  );
  return ({ name }) => {
    const group = waiting.get(name);
    waiting.delete(name);
    if (group && ![...group.matrices, ...group.biases].some((each) => waiting.has(each.name)))
      weights.merge(gpu, group);
  };
}
