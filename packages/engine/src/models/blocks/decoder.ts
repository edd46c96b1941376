import { ConfigError } from "../../errors.js";
import type { Forward, Graph, Node, NormOptions } from "../../graph/graph.js";
import { Weights } from "../../graph/graph.js";
import { count, flag, type RawConfig, real, refuse } from "../config.js";
import type { Architecture } from "../family.js";

/** The keys of config.json that shape every decoder here, by Hugging Face's names. */
export interface DecoderConfig {
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly num_key_value_heads: number;
  /** Of its own in many families: it need not be hidden_size / num_attention_heads. */
  readonly head_dim: number;
  readonly rms_norm_eps: number;
  readonly tie_word_embeddings: boolean;
  readonly max_position_embeddings: number;
}

/** What a family takes for a key that its config leaves out; Hugging Face writes only what differs from its class. */
export type DecoderDefaults = Partial<
  Pick<DecoderConfig, "head_dim" | "rms_norm_eps" | "tie_word_embeddings" | "max_position_embeddings">
>;

export function decoderConfig(raw: RawConfig, defaults: DecoderDefaults = {}): DecoderConfig {
  refuse(raw, "use_bidirectional_attention"); // EmbeddingGemma's: not a decoder
  const hidden_size = count(raw, "hidden_size");
  const num_attention_heads = count(raw, "num_attention_heads");
  const num_key_value_heads = count(raw, "num_key_value_heads", num_attention_heads);
  if (num_attention_heads % num_key_value_heads !== 0)
    throw new ConfigError(
      `config.json: num_key_value_heads is ${num_key_value_heads}, which does not divide the ${num_attention_heads} of num_attention_heads. Each head of keys serves as many heads of queries; k_proj.weight has num_key_value_heads times head_dim rows, from which the right number can be told.`,
    );
  const head_dim = raw.head_dim ?? defaults.head_dim ?? hidden_size / num_attention_heads;
  if (!Number.isInteger(head_dim))
    throw new ConfigError(
      `config.json: there is no head_dim, and hidden_size, ${hidden_size}, is no multiple of num_attention_heads, ${num_attention_heads}. Check both, or add head_dim: the rows of q_proj.weight divided by num_attention_heads.`,
    );
  return {
    vocab_size: count(raw, "vocab_size"),
    hidden_size,
    intermediate_size: count(raw, "intermediate_size"),
    num_hidden_layers: count(raw, "num_hidden_layers"),
    num_attention_heads,
    num_key_value_heads,
    head_dim: count({ head_dim }, "head_dim"),
    rms_norm_eps: real(raw, "rms_norm_eps", defaults.rms_norm_eps ?? 1e-6),
    tie_word_embeddings: flag(raw, "tie_word_embeddings", defaults.tie_word_embeddings ?? false),
    max_position_embeddings: count(raw, "max_position_embeddings", defaults.max_position_embeddings ?? 2048),
  };
}

/** A layer, or a half of one: what it reads and its place in the checkpoint in, what it computes out. */
export type Layer = (g: Graph, x: Node, w: Weights, layer: number) => Node;

/** The layer of Llama and most after it: both halves read the normed residual stream and add to it. arXiv:2002.04745. */
export function preNorm(norm: NormOptions, attention: Layer, mlp: Layer, residualScale = 1): Layer {
  return (g, input, w, layer) => {
    const mixed = attention(g, g.rmsNorm(input, w.at("input_layernorm"), norm), w.at("self_attn"), layer);
    const x = g.add(input, mixed, residualScale);
    const out = mlp(g, g.rmsNorm(x, w.at("post_attention_layernorm"), norm), w.at("mlp"), layer);
    return g.add(x, out, residualScale);
  };
}

/** The layer of Gemma 2 and 3: what each half computes is normed once more before it is added. arXiv:2408.00118. */
export function aroundNorm(norm: NormOptions, attention: Layer, mlp: Layer): Layer {
  return (g, input, w, layer) => {
    const normed = (x: Node, name: string) => g.rmsNorm(x, w.at(name), norm);
    const mixed = attention(g, normed(input, "input_layernorm"), w.at("self_attn"), layer);
    const x = g.add(input, normed(mixed, "post_attention_layernorm"));
    const out = mlp(g, normed(x, "pre_feedforward_layernorm"), w.at("mlp"), layer);
    return g.add(x, normed(out, "post_feedforward_layernorm"));
  };
}

/** What families vary around their layers. */
export interface DecoderVariant {
  readonly norm: NormOptions;
  /** Factor on the embeddings; 1 unless given. */
  readonly embeddingScale?: number;
  /** Factor on the logits; 1 unless given. */
  readonly logitScale?: number;
  /** Bound of the logits; none unless given. */
  readonly logitSoftcap?: number | undefined;
}

/** The frame of a causal language model: embedding, layers, a last norm, and the head, which may be the embedding. */
export function decoder(
  config: DecoderConfig,
  { norm, embeddingScale, logitScale = 1, logitSoftcap }: DecoderVariant,
  layer: Layer,
): Architecture {
  const { vocab_size, hidden_size, num_hidden_layers } = config;
  const weights = new Weights();
  const forward: Forward = (g, tokens) => {
    const embedding = weights.at("model.embed_tokens");
    let x = g.embed(tokens, embedding, [vocab_size, hidden_size], embeddingScale);
    for (let index = 0; index < num_hidden_layers; index++) x = layer(g, x, weights.at(`model.layers.${index}`), index);
    const head = config.tie_word_embeddings ? embedding : weights.at("lm_head");
    const logits = g.linear(g.rmsNorm(x, weights.at("model.norm"), norm), head, vocab_size, { vocabulary: true });
    const scaled = logitScale === 1 ? logits : g.scale(logits, logitScale);
    return logitSoftcap ? g.softcap(scaled, logitSoftcap) : scaled;
  };
  return {
    kind: "decoder",
    forward,
    context: config.max_position_embeddings,
    vocabulary: vocab_size,
    layers: num_hidden_layers,
    unused: /^lm_head\./, // beside a tied embedding
    hidden: hidden_size,
  };
}
