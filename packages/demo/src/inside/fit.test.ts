import { inspectSynthetic } from "@alambic/engine/graph";
import { describe, expect, test } from "vitest";
import { NAMED_MODELS } from "../catalogue/models.js";
import { FORMS, fitOf, needOf, needOfInspected } from "./fit.js";

const named = (name: string) => NAMED_MODELS.find((model) => model.name === name)!;

const llama = (
  vocab: number,
  hidden: number,
  wide: number,
  layers: number,
  heads: number,
  keys: number,
  rest = {},
) => ({
  ...{
    model_type: "llama",
    vocab_size: vocab,
    hidden_size: hidden,
    intermediate_size: wide,
    num_hidden_layers: layers,
  },
  ...{ num_attention_heads: heads, num_key_value_heads: keys, max_position_embeddings: 131_072, rms_norm_eps: 1e-5 },
  ...{ rope_theta: 10_000, hidden_act: "silu", tie_word_embeddings: false, torch_dtype: "bfloat16", ...rest },
});
const tied = { tie_word_embeddings: true };
const mixtral = { model_type: "mixtral", num_local_experts: 8, num_experts_per_tok: 2, sliding_window: null };
const qwen3 = {
  head_dim: 128,
  num_experts: 128,
  num_experts_per_tok: 8,
  moe_intermediate_size: 768,
  norm_topk_prob: true,
};

/** By the configurations that these models are published with. */
const CONFIGS: Readonly<Record<string, ReturnType<typeof llama>>> = {
  "SmolLM2-135M": llama(49_152, 576, 1536, 30, 9, 3, tied),
  "SmolLM2-360M": llama(49_152, 960, 2560, 32, 15, 5, tied),
  "Qwen2.5-0.5B": llama(151_936, 896, 4864, 24, 14, 2, { model_type: "qwen2", ...tied }),
  "Llama 3.2 1B": llama(128_256, 2048, 8192, 16, 32, 8, tied),
  "SmolLM2-1.7B": llama(49_152, 2048, 8192, 24, 32, 32, tied),
  "Phi-3-mini": llama(32_064, 3072, 8192, 32, 32, 32),
  "Mistral 7B": llama(32_768, 4096, 14_336, 32, 32, 8, { model_type: "mistral", sliding_window: null }),
  "Llama 3.1 8B": llama(128_256, 4096, 14_336, 32, 32, 8),
  "Mistral Small 24B": llama(131_072, 5120, 32_768, 40, 32, 8, { head_dim: 128 }),
  "Qwen3-30B-A3B": llama(151_936, 2048, 6144, 48, 32, 4, { model_type: "qwen3_moe", ...qwen3 }),
  "Mixtral 8x7B": llama(32_000, 4096, 14_336, 32, 32, 8, mixtral),
  "Llama 3.3 70B": llama(128_256, 8192, 28_672, 80, 64, 8),
  "Mixtral 8x22B": llama(32_768, 6144, 16_384, 56, 48, 8, mixtral),
  "Llama 3.1 405B": llama(128_256, 16_384, 53_248, 126, 128, 8),
};

describe("what a named model takes is what the engine says of its configuration", () => {
  test.each(Object.keys(CONFIGS))("%s", async (name) => {
    const model = named(name);
    const inspection = await inspectSynthetic(CONFIGS[name]!);
    const { total, active, embedding } = inspection.parameters;
    const off = (stated: number, found: number) => Math.abs(stated / found - 1);
    expect(off(1e9 * model.total, total), "parameters").toBeLessThan(0.005);
    expect(off(1e9 * model.active, active), "active").toBeLessThan(0.01);
    expect(off(1e9 * model.vocabulary, embedding), "vocabulary").toBeLessThan(0.005);
    const [need, engines] = [needOf(model), needOfInspected(inspection)];
    for (const form of FORMS) {
      expect(off(need.weights[form], engines.weights[form]), `weights, ${form}`).toBeLessThan(0.02);
      expect(off(need.all[form], engines.all[form]), `with a conversation, ${form}`).toBeLessThan(0.02);
    }
  });
});

test("mixtures keep all of their experts in memory and use a few", () => {
  for (const { active, total, vocabulary } of NAMED_MODELS) {
    expect(active).toBeLessThanOrEqual(total);
    expect(vocabulary).toBeLessThan(active);
  }
  expect(NAMED_MODELS.filter(({ active, total }) => active < total).every(({ expert }) => expert! > 0)).toBe(true);
});

describe("on a device", () => {
  const GB = 1e9;
  const fit = (name: string, bytes: number, { atLeast = false, binding = 2 ** 27 } = {}) =>
    fitOf(needOf(named(name)), { bytes, atLeast, binding });

  test.each([
    { name: "Llama 3.1 8B", bytes: 24 * GB, form: "none" },
    { name: "Llama 3.1 8B", bytes: 12 * GB, form: "int8" },
    { name: "Llama 3.1 8B", bytes: 8 * GB, form: "int4" },
    { name: "Mixtral 8x7B", bytes: 200 * GB, form: "none" },
    { name: "Mixtral 8x22B", bytes: 400 * GB, form: "int8" },
  ])("$name in $bytes bytes: $form", ({ name, bytes, form }) => {
    expect(fit(name, bytes)).toEqual({ kind: "fits", form });
  });

  test("what does not fit says both figures", () => {
    const { kind, need, room } = fit("Llama 3.3 70B", 8 * GB) as { kind: string; need: number; room: number };
    expect([kind, room]).toEqual(["memory", 8 * GB]);
    expect(need).toBeGreaterThan(39 * GB);
    expect(need).toBeLessThan(47 * GB);
  });

  test("of memory whose end was not found, what does not fit is not known", () => {
    expect(fit("Llama 3.3 70B", 8 * GB, { atLeast: true })).toEqual({ kind: "unknown" });
    expect(fit("Llama 3.1 8B", 24 * GB, { atLeast: true })).toEqual({ kind: "fits", form: "none" });
  });

  test("an expert that no binding holds is told as such", () => {
    expect(fit("Mixtral 8x22B", 400 * GB, { binding: 2 ** 24 })).toMatchObject({ kind: "binding", room: 2 ** 24 });
  });
});
