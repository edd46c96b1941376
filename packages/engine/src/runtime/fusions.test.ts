import { expect, test } from "vitest";
import { Graph, Weights } from "../graph/graph.js";
import type { RawConfig } from "../models/config.js";
import { loadFamily } from "../models/registry.js";
import { findFusions, mergedParameters } from "./fusions.js";

const sizes = {
  vocab_size: 64,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 8,
  max_position_embeddings: 32,
};

const cases: { why: string; config: RawConfig; qkv: number; gateUp: number; merged: number; norms: number }[] = [
  { why: "all of a layer", config: { model_type: "llama" }, qkv: 2, gateUp: 2, merged: 4, norms: 5 },
  {
    why: "biases keep the norm before queries, keys and values a dispatch of its own",
    config: { model_type: "qwen2" },
    qkv: 2,
    gateUp: 2,
    merged: 4,
    norms: 3,
  },
  {
    why: "norms of each head stand between projection and rotation",
    config: { model_type: "qwen3" },
    qkv: 2,
    gateUp: 2,
    merged: 4,
    norms: 5,
  },
  {
    why: "norms across heads do not",
    config: { model_type: "olmo2" },
    qkv: 0,
    gateUp: 2,
    merged: 2,
    norms: 1,
  },
  { why: "the checkpoint merged them already", config: { model_type: "phi3" }, qkv: 2, gateUp: 2, merged: 0, norms: 5 },
  {
    why: "heads that turn in part",
    config: { model_type: "phi3", partial_rotary_factor: 0.5 },
    qkv: 2,
    gateUp: 2,
    merged: 0,
    norms: 5,
  },
];

test.each(cases)("findFusions, $config.model_type: $why", async ({ config, qkv, gateUp, merged, norms }) => {
  const { architecture } = await loadFamily({ ...sizes, ...config });
  const graph = new Graph();
  const fusions = findFusions(graph, architecture.forward(graph, graph.tokens()));
  expect([fusions.qkv.size, fusions.gateUp.size, mergedParameters(fusions).length, fusions.inputNorms.size]).toEqual([
    qkv,
    gateUp,
    merged,
    norms,
  ]);
});

test("columns out of order, or not all of them, are not taken for a merged projection", () => {
  for (const [gateFrom, upFrom] of [
    [4, 0],
    [0, 3],
  ] as const) {
    const graph = new Graph();
    const x = graph.embed(graph.tokens(), new Weights("embedding"), [8, 8]);
    const both = graph.linear(x, new Weights("both"), 8);
    const output = graph.gated(graph.columns(both, gateFrom, 4), graph.columns(both, upFrom, 4), "silu");
    expect(findFusions(graph, output).gateUp.size).toBe(0);
  }
});
