import type { Activation, Graph, Node, Weights } from "../../graph/graph.js";
import type { DecoderConfig } from "./decoder.js";

/** `down(activation(gate x) · up x)`. arXiv:2002.05202. */
export function gatedMlp(
  g: Graph,
  x: Node,
  w: Weights,
  { hidden_size, intermediate_size }: Pick<DecoderConfig, "hidden_size" | "intermediate_size">,
  { activation, bias = false }: { readonly activation: Activation; readonly bias?: boolean },
): Node {
  const gate = g.linear(x, w.at("gate_proj"), intermediate_size, { bias });
  const up = g.linear(x, w.at("up_proj"), intermediate_size, { bias });
  return g.linear(g.gated(gate, up, activation), w.at("down_proj"), hidden_size, { bias });
}
