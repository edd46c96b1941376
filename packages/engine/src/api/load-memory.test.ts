import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { testGpu } from "../testing/gpu.js";
import { withHeader } from "../testing/safetensors.js";
import { Model } from "./model.js";
import type { Quantize } from "./types.js";

const MIB = 2 ** 20;
/**
 * Heap and array buffers above what there was before, whatever the size of a tensor. Held are eight windows of 2 MiB that
 * are read ahead, one to three slices of 4 MiB on their way to the GPU, and where weights are packed a piece of 4 MiB: half
 * of the bound. The rest is for what a runtime leaves lying about between collections, which is not counted here.
 */
const BOUND = 64 * MIB;
/** A collection takes tens of milliseconds: one for so many bytes. Slices are far smaller, so that what they leak would add up. */
const EVERY = 16 * MIB;

const [vocab_size, hidden_size, intermediate_size, heads, kvHeads] = [100_000, 1024, 1024, 8, 2];
const CONFIG = {
  model_type: "llama",
  architectures: ["LlamaForCausalLM"],
  vocab_size,
  hidden_size,
  intermediate_size,
  num_hidden_layers: 1,
  num_attention_heads: heads,
  num_key_value_heads: kvHeads,
  max_position_embeddings: 512,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
  hidden_act: "silu",
};
const KV = (kvHeads * hidden_size) / heads;
/** One tensor of 195 MiB, and a layer. */
const SHAPES: Readonly<Record<string, readonly number[]>> = {
  "model.embed_tokens.weight": [vocab_size, hidden_size],
  "model.norm.weight": [hidden_size],
  "model.layers.0.input_layernorm.weight": [hidden_size],
  "model.layers.0.post_attention_layernorm.weight": [hidden_size],
  "model.layers.0.self_attn.q_proj.weight": [hidden_size, hidden_size],
  "model.layers.0.self_attn.k_proj.weight": [KV, hidden_size],
  "model.layers.0.self_attn.v_proj.weight": [KV, hidden_size],
  "model.layers.0.self_attn.o_proj.weight": [hidden_size, hidden_size],
  "model.layers.0.mlp.gate_proj.weight": [intermediate_size, hidden_size],
  "model.layers.0.mlp.up_proj.weight": [intermediate_size, hidden_size],
  "model.layers.0.mlp.down_proj.weight": [hidden_size, intermediate_size],
};

let folder: string;
let collect: () => void;
beforeAll(async () => {
  setFlagsFromString("--expose-gc");
  collect = runInNewContext("gc");
  folder = await mkdtemp(join(tmpdir(), "alambic-memory-"));
  vi.stubEnv("XDG_CACHE_HOME", join(folder, "cache"));
  let at = 0;
  const header: Record<string, unknown> = {};
  for (const [name, shape] of Object.entries(SHAPES)) {
    const bytes = shape.reduce((product, length) => product * length, 2);
    header[name] = { dtype: "BF16", shape, data_offsets: [at, at + bytes] };
    at += bytes;
  }
  const text = JSON.stringify(header);
  await writeFile(join(folder, "config.json"), JSON.stringify(CONFIG));
  await writeFile(join(folder, "model.safetensors"), withHeader(text));
  await truncate(join(folder, "model.safetensors"), 8 + text.length + at); // zeros that take no room on the disk
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const cases: readonly { why: string; quantize: Quantize; cache?: true }[] = [
  { why: "as stored", quantize: "none" },
  { why: "int8", quantize: "int8" },
  { why: "int4, packed for the next start", quantize: "int4", cache: true },
  { why: "what was packed", quantize: "int4", cache: true },
];
test.each(cases)("loading holds less than 64 MiB on the host: $why", async ({ quantize, cache = false }) => {
  const gpu = await testGpu();
  const held = () => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = held();
  let [most, looked, samples] = [0, 0, 0];
  const model = await Model.load(folder, {
    gpu,
    quantize,
    cache,
    contextLength: 32,
    tune: "off",
    onProgress: ({ loaded }) => {
      if (Math.floor(loaded / EVERY) === looked) return;
      looked = Math.floor(loaded / EVERY);
      most = Math.max(most, held() - before);
      samples++;
    },
  });
  console.info(`${quantize}: at most ${(most / MIB).toFixed(1)} MiB above the beginning, of ${samples} samples`);
  expect(samples).toBeGreaterThan(cache && model.info.traffic!.cached > 0 ? 5 : 10);
  expect(model.info.gpuBytes).toBeGreaterThan(50 * MIB);
  model.dispose();
  expect(most).toBeLessThan(BOUND);
});
