import type { ModelTensor } from "@alambic/engine";
import { expect, test } from "vitest";
import { asMixture, loraParameters } from "./reckon.js";

const matrix = (name: string, n: number, k: number, section: ModelTensor["section"], layer?: number): ModelTensor => ({
  ...{ name, shape: [n, k], section, parameters: n * k, bytes: 2 * n * k, form: "bf16" },
  ...(layer !== undefined && { layer }),
});

// Mixtral 8x7B, by its published configuration: hidden 4096, intermediate 14336, 8 KV heads of 128, 32 layers, 32,000 tokens.
const dense = [
  matrix("model.embed_tokens.weight", 32_000, 4096, "embedding"),
  matrix("lm_head.weight", 32_000, 4096, "embedding"),
  ...Array.from({ length: 32 }, (_, i) => [
    matrix(`model.layers.${i}.self_attn.q_proj.weight`, 4096, 4096, "attention", i),
    matrix(`model.layers.${i}.self_attn.k_proj.weight`, 1024, 4096, "attention", i),
    matrix(`model.layers.${i}.self_attn.v_proj.weight`, 1024, 4096, "attention", i),
    matrix(`model.layers.${i}.self_attn.o_proj.weight`, 4096, 4096, "attention", i),
    matrix(`model.layers.${i}.mlp.gate_proj.weight`, 14_336, 4096, "mlp", i),
    matrix(`model.layers.${i}.mlp.up_proj.weight`, 14_336, 4096, "mlp", i),
    matrix(`model.layers.${i}.mlp.down_proj.weight`, 4096, 14_336, "mlp", i),
  ]).flat(),
];

test("Mistral 7B with eight experts, two used, is Mixtral: 46.7 billion parameters, 12.9 active", () => {
  const { total, active } = asMixture({ tensors: dense }, 8, 2);
  expect(total / 1e9).toBeCloseTo(46.7, 1);
  expect(active / 1e9).toBeCloseTo(12.9, 1);
});

test("LoRA of rank 8 on queries and values of Mistral 7B has the 3.4 million parameters that PEFT counts", () => {
  // print_trainable_parameters() for r=8, target_modules=["q_proj", "v_proj"]: 3,407,872.
  expect(loraParameters({ tensors: dense }, 8)).toBe(3_407_872);
});
