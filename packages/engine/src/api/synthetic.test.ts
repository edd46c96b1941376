import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { failure } from "../testing/failure.js";
import { fixture } from "../testing/fixtures.js";
import { testGpu } from "../testing/gpu.js";
import { Model } from "./model.js";
import { inspectSynthetic, syntheticModel } from "./synthetic.js";
import type { Quantize } from "./types.js";

const config = {
  model_type: "llama",
  vocab_size: 320,
  hidden_size: 96,
  intermediate_size: 200,
  num_hidden_layers: 3,
  num_attention_heads: 6,
  num_key_value_heads: 2,
  tie_word_embeddings: true,
  attention_bias: true,
};
const prompt = [1, 2, 3, 5, 8, 13];

test.each<Quantize>(["none", "int8", "int4"])(
  "%s: the seed makes the model, and its logits are tame",
  async (quantize) => {
    const gpu = await testGpu();
    const before = gpu.buffers.bytes;
    const answers: (readonly number[])[] = [];
    for (const seed of [1, 1, 2]) {
      const model = await syntheticModel(config, { gpu, quantize, seed });
      expect(model.info).toMatchObject({ name: "synthetic llama", quantize, contextLength: 2048, text: false });
      expect(model.info.gpuBytes).toBe(model.info.bytes[quantize]);
      const { logits } = await model.forward(prompt);
      const all = logits.flatMap((row) => [...row]);
      const deviation = Math.sqrt(all.reduce((sum, x) => sum + x * x, 0) / all.length);
      expect(deviation).toBeGreaterThan(0.3);
      expect(deviation).toBeLessThan(3);
      answers.push(all);
      model.dispose();
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]).not.toEqual(answers[2]);
    expect(gpu.buffers.bytes).toBe(before);
  },
);

test("it is planned like a checkpoint of the same config", async () => {
  const gpu = await testGpu();
  const real = await Model.load(fixture("llama-tied"), { gpu });
  const shape = JSON.parse(readFileSync(`${fixture("llama-tied")}/config.json`, "utf8"));
  const model = await syntheticModel(shape, { gpu });
  const asked = { prompt: 20, position: 30 };
  expect(model.planCosts(asked)).toEqual(real.planCosts(asked));
  real.dispose();
  model.dispose();
});

test("its parameters are counted without a GPU", async () => {
  const { parameters, layers, vocabulary } = await inspectSynthetic(config);
  const attention = 96 * (96 + 32 + 32 + 96) + 96 + 32 + 32 + 96;
  const mlp = 3 * 96 * 200;
  expect({ layers, vocabulary }).toEqual({ layers: 3, vocabulary: 320 });
  expect(parameters.total).toBe(320 * 96 + 3 * (attention + mlp + 2 * 96) + 96);
});

test("a width that is no multiple of 8", async () => {
  const gpu = await testGpu();
  const before = gpu.buffers.bytes;
  await expect(syntheticModel({ ...config, intermediate_size: 100 }, { gpu })).rejects.toThrow(
    "mlp.down_proj.weight is [96, 100]; random weights need rows of a multiple of 8. Change the config's widths.",
  );
  expect(gpu.buffers.bytes).toBe(before);
});

test("a family that is not known", async () => {
  expect(await failure(() => inspectSynthetic({ ...config, model_type: "lama" }))).toContain("config: config.json:");
});

test("an encoder of random weights embeds token ids", async () => {
  const gpu = await testGpu();
  const config = {
    model_type: "bert",
    vocab_size: 64,
    hidden_size: 32,
    intermediate_size: 48,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    max_position_embeddings: 16,
  };
  const model = await syntheticModel(config, { gpu });
  const { embeddings } = await model.embed([[1, 2, 3], [4]], { normalize: true });
  expect(embeddings.map((vector) => vector.length)).toEqual([32, 32]);
  for (const vector of embeddings) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  model.dispose();
});
