import type { Graph, Node, NormOptions, RopeOptions, Weights } from "../../graph/graph.js";
import type { DecoderConfig } from "./decoder.js";

/** What families vary in their attention. */
export interface AttentionVariant {
  /** How queries and keys are rotated; `undefined` where they are not. */
  readonly rope: RopeOptions | undefined;
  /** Biases of the query, key and value projections. */
  readonly bias?: boolean;
  /** A bias of the output projection. */
  readonly outputBias?: boolean;
  /** RMS norm of each query and key head before they are rotated; none unless given. */
  readonly headNorm?: NormOptions;
  /** Keys that a token sees, itself included; all unless given. */
  readonly window?: number | undefined;
  /** Factor on the scores; 1 / sqrt(head_dim) unless given. */
  readonly scale?: number;
  /** Bound of the scores; none unless given. */
  readonly softcap?: number | undefined;
}

/** Causal attention of grouped heads with rotated queries and keys. arXiv:2305.13245, arXiv:2104.09864. */
export function selfAttention(
  g: Graph,
  x: Node,
  w: Weights,
  config: Pick<DecoderConfig, "hidden_size" | "num_attention_heads" | "num_key_value_heads" | "head_dim">,
  { rope, bias = false, outputBias = false, headNorm, ...scores }: AttentionVariant,
): Node {
  const { num_attention_heads: heads, num_key_value_heads: kvHeads, head_dim } = config;
  const normed = (y: Node, name: string) => (headNorm ? g.rmsNorm(y, w.at(name), headNorm) : y);
  const rotated = (y: Node) => (rope ? g.rope(y, rope) : y);
  const q = normed(g.linear(x, w.at("q_proj"), heads * head_dim, { bias }).split(heads), "q_norm"); // [heads, head_dim]
  const k = normed(g.linear(x, w.at("k_proj"), kvHeads * head_dim, { bias }).split(kvHeads), "k_norm"); // [kvHeads, head_dim]
  const v = g.linear(x, w.at("v_proj"), kvHeads * head_dim, { bias }).split(kvHeads);
  const mixed = g.attention(rotated(q), rotated(k), v, { causal: true, ...scores }).merge();
  return g.linear(mixed, w.at("o_proj"), config.hidden_size, { bias: outputBias });
}
