import type { Graph, Node, Weights } from "../graph/graph.js";
import { decoder, decoderConfig, preNorm } from "./blocks/decoder.js";
import { activation, optional, partialRope } from "./config.js";
import type { Family } from "./family.js";

/**
 * Phi-3, Phi-3.5 and Phi-4-mini: a Llama whose checkpoints hold queries, keys and values as one matrix, gate and up as
 * another. The long-context ones have a divisor for each rotary frequency, and Phi-4-mini turns only three quarters of
 * each head. arXiv:2404.14219.
 */
export const family: Family = (raw) => {
  const config = decoderConfig(raw, { rms_norm_eps: 1e-5, max_position_embeddings: 4096 });
  const { hidden_size, intermediate_size, num_attention_heads: heads, num_key_value_heads: kvHeads, head_dim } = config;
  const norm = { eps: config.rms_norm_eps };
  const rope = partialRope(raw, head_dim);
  const window = optional(raw, "sliding_window");
  const act = activation(raw);

  function attention(g: Graph, x: Node, w: Weights): Node {
    const qkv = g.linear(x, w.at("qkv_proj"), (heads + 2 * kvHeads) * head_dim);
    const q = g.columns(qkv, 0, heads * head_dim).split(heads);
    const k = g.columns(qkv, heads * head_dim, kvHeads * head_dim).split(kvHeads);
    const v = g.columns(qkv, (heads + kvHeads) * head_dim, kvHeads * head_dim).split(kvHeads);
    const mixed = g.attention(g.rope(q, rope), g.rope(k, rope), v, { causal: true, window }).merge();
    return g.linear(mixed, w.at("o_proj"), hidden_size);
  }

  function mlp(g: Graph, x: Node, w: Weights): Node {
    const both = g.linear(x, w.at("gate_up_proj"), 2 * intermediate_size);
    const [gate, up] = [g.columns(both, 0, intermediate_size), g.columns(both, intermediate_size, intermediate_size)];
    return g.linear(g.gated(gate, up, act), w.at("down_proj"), hidden_size);
  }

  return decoder(config, { norm }, preNorm(norm, attention, mlp));
};
