import type { Forward, Graph, Node, RopeOptions } from "../graph/graph.js";
import { Weights } from "../graph/graph.js";
import { count, flag, type RawConfig, real, ropeOptions } from "./config.js";
import type { Family } from "./family.js";

/** The keys of config.json that shape a Llama, by Hugging Face's names. */
interface LlamaConfig {
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly num_key_value_heads: number;
  readonly head_dim: number;
  readonly rms_norm_eps: number;
  readonly tie_word_embeddings: boolean;
  readonly attention_bias: boolean;
  readonly mlp_bias: boolean;
  readonly max_position_embeddings: number;
  readonly rope: RopeOptions;
}

function readConfig(raw: RawConfig): LlamaConfig {
  const hidden_size = count(raw, "hidden_size");
  const num_attention_heads = count(raw, "num_attention_heads");
  return {
    vocab_size: count(raw, "vocab_size"),
    hidden_size,
    intermediate_size: count(raw, "intermediate_size"),
    num_hidden_layers: count(raw, "num_hidden_layers"),
    num_attention_heads,
    num_key_value_heads: count(raw, "num_key_value_heads", num_attention_heads),
    head_dim: count(raw, "head_dim", hidden_size / num_attention_heads),
    rms_norm_eps: real(raw, "rms_norm_eps", 1e-6),
    tie_word_embeddings: flag(raw, "tie_word_embeddings", false),
    attention_bias: flag(raw, "attention_bias", false),
    mlp_bias: flag(raw, "mlp_bias", false),
    max_position_embeddings: count(raw, "max_position_embeddings", 2048),
    rope: ropeOptions(raw),
  };
}

/** Llama 1 to 3, SmolLM and SmolLM2, and the many that share their form. arXiv:2302.13971, arXiv:2407.21783. */
function llama(config: LlamaConfig, weights: Weights): Forward {
  const { num_attention_heads: heads, num_key_value_heads: kvHeads, head_dim, rms_norm_eps: eps, rope } = config;

  function attention(g: Graph, x: Node, w: Weights): Node {
    const bias = config.attention_bias;
    const q = g.linear(x, w.at("q_proj"), heads * head_dim, { bias }).split(heads); // [heads, head_dim]
    const k = g.linear(x, w.at("k_proj"), kvHeads * head_dim, { bias }).split(kvHeads); // [kvHeads, head_dim]
    const v = g.linear(x, w.at("v_proj"), kvHeads * head_dim, { bias }).split(kvHeads);
    const mixed = g.attention(g.rope(q, rope), g.rope(k, rope), v, { causal: true }).merge();
    return g.linear(mixed, w.at("o_proj"), config.hidden_size, { bias });
  }

  function mlp(g: Graph, x: Node, w: Weights): Node {
    const bias = config.mlp_bias;
    const gate = g.linear(x, w.at("gate_proj"), config.intermediate_size, { bias });
    const up = g.linear(x, w.at("up_proj"), config.intermediate_size, { bias });
    return g.linear(g.swiglu(gate, up), w.at("down_proj"), config.hidden_size, { bias });
  }

  return (g, tokens) => {
    const embedding = weights.at("model.embed_tokens");
    let x = g.embed(tokens, embedding, [config.vocab_size, config.hidden_size]);
    for (let layer = 0; layer < config.num_hidden_layers; layer++) {
      const w = weights.at(`model.layers.${layer}`);
      x = g.add(x, attention(g, g.rmsNorm(x, w.at("input_layernorm"), eps), w.at("self_attn")));
      x = g.add(x, mlp(g, g.rmsNorm(x, w.at("post_attention_layernorm"), eps), w.at("mlp")));
    }
    const head = config.tie_word_embeddings ? embedding : weights.at("lm_head");
    return g.linear(g.rmsNorm(x, weights.at("model.norm"), eps), head, config.vocab_size, { vocabulary: true });
  };
}

export const family: Family = (raw) => {
  const config = readConfig(raw);
  return {
    forward: llama(config, new Weights()),
    context: config.max_position_embeddings,
    vocabulary: config.vocab_size,
    layers: config.num_hidden_layers,
    kvWidth: config.num_key_value_heads * config.head_dim,
  };
};
