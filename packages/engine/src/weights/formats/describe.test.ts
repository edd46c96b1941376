import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { nodeFolder } from "../../sources/node-fs.js";
import { describeWeight } from "../../testing/describe.js";
import { failure } from "../../testing/failure.js";
import { fixture } from "../../testing/fixtures.js";
import { folder, safetensors, type TensorData } from "../../testing/safetensors.js";
import { BITS, type Dtype } from "../dtype.js";
import { openCheckpoint } from "../safetensors.js";

function zeros(dtype: Dtype, ...shape: number[]): TensorData {
  return { dtype, shape, data: new Uint8Array(shape.reduce((product, length) => product * length, BITS[dtype] / 8)) };
}

const checkpointOf = (tensors: Record<string, TensorData>) =>
  openCheckpoint(folder({ "model.safetensors": safetensors(tensors) }));

const configOf = async (name: string) => JSON.parse(await readFile(`${fixture(name)}/config.json`, "utf8"));

const fixtures = [
  { name: "llama-tied", shape: [32, 64] as const, form: { kind: "bf16" } },
  { name: "llama3-rope", shape: [32, 64] as const, form: { kind: "bf16" } },
  { name: "mlx-4bit-g64", shape: [64, 128] as const, form: { kind: "int4", groupSize: 64, groupType: "f16" } },
  { name: "mlx-8bit-g32", shape: [64, 128] as const, form: { kind: "int8", groupSize: 32, groupType: "f16" } },
];
test.each(fixtures)("$name", async ({ name, shape, form }) => {
  const checkpoint = await openCheckpoint(nodeFolder(fixture(name)));
  const module = "model.layers.1.self_attn.k_proj";
  const found = await describeWeight(checkpoint, module, shape, await configOf(name));
  expect(found).toMatchObject({ module, shape, form });
  expect(found.tensors).toMatchObject({ weight: { name: `${module}.weight` } });
});

test.each(["F32", "F16", "BF16"] as const)("plain %s keeps its type", async (dtype) => {
  const checkpoint = await checkpointOf({ "m.weight": zeros(dtype, 3, 5) });
  expect(await describeWeight(checkpoint, "m", [3, 5], {})).toMatchObject({
    kind: "plain",
    dtype,
    form: { kind: dtype.toLowerCase() },
  });
});

/** A module as MLX packs it. */
function packed(n: number, k: number, bits: number, group: number, scales: Dtype = "F16"): Record<string, TensorData> {
  return {
    "m.weight": zeros("U32", n, (k * bits) / 32),
    "m.scales": zeros(scales, n, k / group),
    "m.biases": zeros(scales, n, k / group),
  };
}

const overrides = [
  {
    why: "the default",
    quantization: { group_size: 32, bits: 4 },
    tensors: packed(2, 64, 4, 32),
    form: { kind: "int4", groupSize: 32 },
  },
  {
    why: "more bits for one module",
    quantization: { group_size: 32, bits: 4, m: { bits: 8, group_size: 64 } },
    tensors: packed(2, 64, 8, 64),
    form: { kind: "int8", groupSize: 64 },
  },
  {
    why: "an override that leaves the group to the default",
    quantization: { group_size: 32, bits: 4, m: { bits: 8 } },
    tensors: packed(2, 64, 8, 32),
    form: { kind: "int8", groupSize: 32 },
  },
  {
    why: "an override of true",
    quantization: { group_size: 32, bits: 4, m: true },
    tensors: packed(2, 64, 4, 32),
    form: { kind: "int4", groupSize: 32 },
  },
  {
    why: "a module left alone by name",
    quantization: { group_size: 32, bits: 4, m: false },
    tensors: { "m.weight": zeros("BF16", 2, 64) },
    form: { kind: "bf16" },
  },
  {
    why: "a module left alone without a word",
    quantization: { group_size: 32, bits: 4 },
    tensors: { "m.weight": zeros("F16", 2, 64) },
    form: { kind: "f16" },
  },
  {
    why: "scales in bf16",
    quantization: { group_size: 32, bits: 4 },
    tensors: packed(2, 64, 4, 32, "BF16"),
    form: { kind: "int4", groupType: "bf16" },
  },
  {
    why: "scales in f32",
    quantization: { group_size: 32, bits: 4, mode: "affine" },
    tensors: packed(2, 64, 4, 32, "F32"),
    form: { kind: "int4", groupType: "f32" },
  },
];
test.each(overrides)("MLX: $why", async ({ quantization, tensors, form }) => {
  const checkpoint = await checkpointOf(tensors);
  expect((await describeWeight(checkpoint, "m", [2, 64], { quantization })).form).toMatchObject(form);
  expect((await describeWeight(checkpoint, "m", [2, 64], { quantization_config: quantization })).form).toMatchObject(
    form,
  );
});

const MLX = { quantization: { group_size: 32, bits: 4 } };
const ANOTHER = "Use another copy of the model: plain, or MLX's 4 or 8 bits.";
const refused: { why: string; config?: object; tensors: Record<string, TensorData>; error: string }[] = [
  {
    why: "no such tensor",
    tensors: { x: zeros("U8", 1) },
    error:
      "checkpoint-missing-tensor: the 1 chosen files has no tensor m.weight; config.json asks for it. Config and weights are of different models, or a file is missing.",
  },
  {
    why: "a tensor under a longer name",
    tensors: { "text_model.m.weight": zeros("F16", 2, 64) },
    error:
      "checkpoint-missing-tensor: the 1 chosen files has no tensor m.weight (it has text_model.m.weight); config.json asks for it. Config and weights are of different models, or a file is missing.",
  },
  {
    why: "another shape",
    tensors: { "m.weight": zeros("F16", 64, 2) },
    error:
      "checkpoint-shape: m.weight is [64, 2]; [2, 64] was expected from config.json. Config and weights are of different models.",
  },
  {
    why: "another rank",
    tensors: { "m.weight": zeros("F16", 2, 64, 1) },
    error:
      "checkpoint-shape: m.weight is [2, 64, 1]; [2, 64] was expected from config.json. Config and weights are of different models.",
  },
  {
    why: "a type that holds no weights",
    tensors: { "m.weight": zeros("F8_E4M3", 2, 64) },
    error:
      "checkpoint-dtype: m.weight is F8_E4M3; F32, F16 or BF16 was expected, as config.json names no quantisation for it.",
  },
  {
    why: "packed words without a config",
    tensors: packed(2, 64, 4, 32),
    error: "checkpoint-dtype: m.weight is U32; F32, F16 or BF16 was expected",
  },
  {
    why: "another method",
    config: { quantization_config: { quant_method: "compressed-tensors" } },
    tensors: { "m.weight_packed": zeros("I32", 8, 2) },
    error:
      'checkpoint-quantization: config.json says quant_method "compressed-tensors" (vLLM\'s compressed tensors), which cannot be read yet. Use a copy of the model that is plain',
  },
  {
    why: "3 bits",
    config: { quantization: { group_size: 32, bits: 3 } },
    tensors: packed(2, 64, 3, 32),
    error: `checkpoint-quantization: m is quantised with 3 bits; only 4 and 8 can be read. ${ANOTHER}`,
  },
  {
    why: "mxfp4",
    config: { quantization: { group_size: 32, bits: 4, mode: "mxfp4" } },
    tensors: packed(2, 64, 4, 32),
    error: `checkpoint-quantization: m is quantised with MLX's mode "mxfp4"; only "affine" can be read. ${ANOTHER}`,
  },
  {
    why: "an override of 6 bits",
    config: { quantization: { group_size: 32, bits: 4, m: { bits: 6 } } },
    tensors: packed(2, 64, 6, 32),
    error: `checkpoint-quantization: m is quantised with 6 bits; only 4 and 8 can be read. ${ANOTHER}`,
  },
  {
    why: "no group size",
    config: { quantization: { bits: 4 } },
    tensors: packed(2, 64, 4, 32),
    error: `checkpoint-quantization: m is quantised with a group_size that is missing; a multiple of 8 was expected. ${ANOTHER}`,
  },
  {
    why: "groups that do not divide the row",
    config: { quantization: { group_size: 40, bits: 4 } },
    tensors: packed(2, 64, 4, 32),
    error: `checkpoint-quantization: m is quantised with groups of 40 columns; its 64 columns are no multiple of that. ${ANOTHER}`,
  },
  {
    why: "words of another number of bits",
    config: MLX,
    tensors: packed(2, 64, 8, 32),
    error:
      "checkpoint-shape: m.weight is [2, 16]; [2, 8] was expected from config.json ([2, 64] at 4 bits in groups of 32). Config and weights are of different models.",
  },
  {
    why: "scales of another group",
    config: MLX,
    tensors: packed(2, 64, 4, 64),
    error:
      "checkpoint-shape: m.scales is [2, 1]; [2, 2] was expected from config.json ([2, 64] at 4 bits in groups of 32).",
  },
  {
    why: "no biases",
    config: MLX,
    tensors: { "m.weight": zeros("U32", 2, 8), "m.scales": zeros("F16", 2, 2) },
    error: "checkpoint-missing-tensor: the 1 chosen files has no tensor m.biases; config.json asks for it.",
  },
  {
    why: "scales that config.json promises",
    config: { quantization: { group_size: 32, bits: 4, m: { bits: 4 } } },
    tensors: { "m.weight": zeros("U32", 2, 8) },
    error: "checkpoint-missing-tensor: the 1 chosen files has no tensor m.scales; config.json asks for it.",
  },
  {
    why: "words that are no words",
    config: MLX,
    tensors: { ...packed(2, 64, 4, 32), "m.weight": zeros("I32", 2, 8) },
    error:
      "checkpoint-dtype: m.weight is I32; U32 was expected in MLX's format. Fetch the file again, or another copy of the model.",
  },
  {
    why: "scales that are no numbers",
    config: MLX,
    tensors: packed(2, 64, 4, 32, "U16"),
    error: "checkpoint-dtype: m.scales is U16; F16, BF16 or F32 was expected in MLX's format.",
  },
  {
    why: "biases of another type than scales",
    config: MLX,
    tensors: { ...packed(2, 64, 4, 32), "m.biases": zeros("F32", 2, 2) },
    error: "checkpoint-dtype: m.biases is F32; F16, as its scales are, was expected in MLX's format.",
  },
];
test.each(refused)("refused: $why", async ({ config = {}, tensors, error }) => {
  const checkpoint = await checkpointOf(tensors);
  expect(await failure(() => describeWeight(checkpoint, "m", [2, 64], config))).toContain(error);
});
