import { ConfigError } from "../errors.js";
import { type Forward, type Graph, type Node, Weights } from "../graph/graph.js";
import { activation, count, type RawConfig, real, refuse } from "./config.js";
import type { Architecture, Family } from "./family.js";

/**
 * BERT and the many sentence encoders made from it (MiniLM, BGE, E5, GTE): learned positions, attention in both
 * directions, layer norms after each half of a layer, an MLP without a gate. arXiv:1810.04805.
 */
export const family: Family = (raw) => bertLike(raw, { prefix: "bert" });

/** What BERT's kin vary. */
export interface BertVariant {
  /** What stands before the names of tensors in a checkpoint that was saved with a head. */
  readonly prefix: string;
  /** The row of the position table that a text's first token takes; 0 unless given. */
  readonly firstPosition?: number;
}

export function bertLike(raw: RawConfig, { prefix, firstPosition = 0 }: BertVariant): Architecture {
  refuse(raw, "is_decoder");
  refuse(raw, "add_cross_attention");
  const positions = raw.position_embedding_type ?? "absolute";
  if (positions !== "absolute")
    throw new ConfigError(
      `config.json: position_embedding_type is ${JSON.stringify(positions)}; expected "absolute", all that this version can run. Use a checkpoint with learned positions.`,
    );
  const vocab_size = count(raw, "vocab_size");
  const hidden_size = count(raw, "hidden_size");
  const intermediate_size = count(raw, "intermediate_size");
  const num_hidden_layers = count(raw, "num_hidden_layers");
  const heads = count(raw, "num_attention_heads");
  const max_position_embeddings = count(raw, "max_position_embeddings", 512);
  const type_vocab_size = count(raw, "type_vocab_size", 2);
  const eps = real(raw, "layer_norm_eps", 1e-12);
  const act = activation(raw, "hidden_act", "gelu");
  if (hidden_size % heads !== 0)
    throw new ConfigError(
      `config.json: hidden_size is ${hidden_size}, which ${heads} heads (num_attention_heads) do not divide evenly. Check that the folder holds the model's own config.json.`,
    );

  function embeddings(g: Graph, tokens: Node, w: Weights): Node {
    const word = g.embed(tokens, w.at("word_embeddings"), [vocab_size, hidden_size]);
    const type = g.embed(g.types(), w.at("token_type_embeddings"), [type_vocab_size, hidden_size]);
    const position = g.embed(g.positions(firstPosition), w.at("position_embeddings"), [
      max_position_embeddings,
      hidden_size,
    ]);
    return g.layerNorm(g.add(g.add(word, type), position), w.at("LayerNorm"), eps);
  }

  function layer(g: Graph, input: Node, w: Weights): Node {
    const attention = w.at("attention");
    const project = (name: string) =>
      g.linear(input, attention.at("self").at(name), hidden_size, { bias: true }).split(heads);
    const mixed = g.bidirectional(project("query"), project("key"), project("value")).merge();
    const x = addNorm(g, input, mixed, attention.at("output"));
    const wide = g.linear(x, w.at("intermediate").at("dense"), intermediate_size, { bias: true });
    return addNorm(g, x, g.activate(wide, act), w.at("output"));
  }

  function addNorm(g: Graph, residual: Node, x: Node, w: Weights): Node {
    const added = g.add(residual, g.linear(x, w.at("dense"), hidden_size, { bias: true }));
    return g.layerNorm(added, w.at("LayerNorm"), eps);
  }

  const weights = new Weights();
  const forward: Forward = (g, tokens) => {
    let x = embeddings(g, tokens, weights.at("embeddings"));
    for (let index = 0; index < num_hidden_layers; index++) x = layer(g, x, weights.at(`encoder.layer.${index}`));
    return x;
  };
  return {
    kind: "encoder",
    forward,
    context: max_position_embeddings - firstPosition,
    vocabulary: vocab_size,
    layers: num_hidden_layers,
    hidden: hidden_size,
    rename: (name) => baseName(name, prefix),
    unused: /^(pooler|cls|lm_head|classifier|qa_outputs)\./, // what was trained on top
  };
}

/**
 * A checkpoint that was saved with a head has a prefix before the base model's names, and the first ones, converted from
 * TensorFlow, call what a layer norm multiplies by and adds gamma and beta.
 */
function baseName(name: string, prefix: string): string {
  const base = name.startsWith(`${prefix}.`) ? name.slice(prefix.length + 1) : name;
  return base.replace(/\.gamma$/, ".weight").replace(/\.beta$/, ".bias");
}
