import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fixture } from "../testing/fixtures.js";
import { testGpu } from "../testing/gpu.js";
import { folder } from "../testing/safetensors.js";
import { Model } from "./model.js";

const prompt = [65, 106, 235, 220];

test("ignoreEos goes on past a token that would end the answer", async () => {
  const gpu = await testGpu();
  const read = (file: string) => readFileSync(`${fixture("llama-tied")}/${file}`);
  const files = { "config.json": read("config.json"), "model.safetensors": read("model.safetensors") };
  const endless = await Model.load(folder(files), { gpu });
  const { ids } = await endless.generate(prompt, { maxTokens: 8 }).result();
  endless.dispose();

  const eos_token_id = ids[2]!;
  const model = await Model.load(folder({ ...files, "generation_config.json": JSON.stringify({ eos_token_id }) }), {
    gpu,
  });
  const stopped = await model.generate(prompt, { maxTokens: 8 }).result();
  const whole = await model.generate(prompt, { maxTokens: 8, ignoreEos: true }).result();
  model.dispose();
  expect(stopped.finishReason).toBe("stop");
  expect(stopped.ids).toEqual(ids.slice(0, ids.indexOf(eos_token_id) + 1));
  expect(whole.finishReason).toBe("length");
  expect(whole.ids).toEqual(ids);
});
