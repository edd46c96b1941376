import type { Graph, Node, Weights } from "../graph/graph.js";
import { decoder, decoderConfig, type Layer } from "./blocks/decoder.js";
import { gatedMlp } from "./blocks/mlp.js";
import { activation, flag, ropeOptions } from "./config.js";
import type { Family } from "./family.js";

/**
 * OLMo 2: a Llama whose norms stand after attention and MLP instead of before them, and which norms queries and keys
 * across all heads at once. arXiv:2501.00656, section 3.
 */
export const family: Family = (raw) => {
  const config = decoderConfig(raw, { rms_norm_eps: 1e-5 });
  const { hidden_size, num_attention_heads: heads, num_key_value_heads: kvHeads, head_dim } = config;
  const norm = { eps: config.rms_norm_eps };
  const rope = ropeOptions(raw);
  const bias = flag(raw, "attention_bias", false);
  const mlp = { activation: activation(raw) };

  function attention(g: Graph, x: Node, w: Weights): Node {
    const q = g.rmsNorm(g.linear(x, w.at("q_proj"), heads * head_dim, { bias }), w.at("q_norm"), norm).split(heads);
    const k = g.rmsNorm(g.linear(x, w.at("k_proj"), kvHeads * head_dim, { bias }), w.at("k_norm"), norm).split(kvHeads);
    const v = g.linear(x, w.at("v_proj"), kvHeads * head_dim, { bias }).split(kvHeads);
    const mixed = g.attention(g.rope(q, rope), g.rope(k, rope), v, { causal: true }).merge();
    return g.linear(mixed, w.at("o_proj"), hidden_size, { bias });
  }

  const afterNorm: Layer = (g, input, w) => {
    const mixed = attention(g, input, w.at("self_attn"));
    const x = g.add(input, g.rmsNorm(mixed, w.at("post_attention_layernorm"), norm));
    const out = gatedMlp(g, x, w.at("mlp"), config, mlp);
    return g.add(x, g.rmsNorm(out, w.at("post_feedforward_layernorm"), norm));
  };

  return decoder(config, { norm }, afterNorm);
};
