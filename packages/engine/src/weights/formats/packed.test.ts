import { expect, test } from "vitest";
import { describeWeight } from "../../testing/describe.js";
import { failure } from "../../testing/failure.js";
import { folder, safetensors, type TensorData } from "../../testing/safetensors.js";
import { BITS, type Dtype } from "../dtype.js";
import { openCheckpoint } from "../safetensors.js";

function zeros(dtype: Dtype, ...shape: number[]): TensorData {
  return { dtype, shape, data: new Uint8Array(shape.reduce((product, length) => product * length, BITS[dtype] / 8)) };
}

const checkpointOf = (tensors: Record<string, TensorData>) =>
  openCheckpoint(folder({ "model.safetensors": safetensors(tensors) }));

const GPTQ = { quant_method: "gptq", bits: 4, group_size: 32 };
const AWQ = { quant_method: "awq", bits: 4, group_size: 32, version: "gemm" };

/** A module of [16, 64] in two groups. */
const gptq = {
  "m.qweight": zeros("I32", 8, 16),
  "m.qzeros": zeros("I32", 2, 2),
  "m.scales": zeros("F16", 2, 16),
};
const awq = { ...gptq, "m.qweight": zeros("I32", 64, 2) };
const order = { "m.g_idx": zeros("I32", 64) };

test.each([
  { why: "GPTQ", config: GPTQ, tensors: gptq, found: { kind: "gptq", zerosLessOne: true, actOrder: false } },
  {
    why: "GPTQ, zeros as they are, out of order",
    config: { ...GPTQ, checkpoint_format: "gptq_v2", desc_act: true },
    tensors: { ...gptq, ...order },
    found: { zerosLessOne: false, actOrder: true, form: { kind: "int4", groupSize: 32, groupType: "f16-zero" } },
  },
  {
    why: "one group a row",
    config: { ...GPTQ, group_size: -1 },
    tensors: { ...gptq, "m.qzeros": zeros("I32", 1, 2), "m.scales": zeros("BF16", 1, 16) },
    found: { form: { kind: "int4", groupSize: 64, groupType: "bf16-zero" } },
  },
  {
    why: "a short last group",
    config: { ...GPTQ, group_size: 48 },
    tensors: { ...gptq, "m.scales": zeros("F32", 2, 16) },
    found: { form: { kind: "int4", groupSize: 48, groupType: "f32" } },
  },
  {
    why: "8 bits",
    config: { ...GPTQ, bits: 8 },
    tensors: { ...gptq, "m.qweight": zeros("I32", 16, 16), "m.qzeros": zeros("I32", 2, 4) },
    found: { form: { kind: "int8", groupSize: 32, groupType: "f16-zero" } },
  },
  { why: "a module left alone", config: GPTQ, tensors: { "m.weight": zeros("F16", 16, 64) }, found: { kind: "plain" } },
  { why: "AWQ", config: AWQ, tensors: awq, found: { kind: "awq", zerosLessOne: false } },
  {
    why: "AWQ in the words of its own files",
    config: { quant_method: "awq", w_bit: 4, q_group_size: 32, version: "GEMM" },
    tensors: awq,
    found: { kind: "awq", form: { groupSize: 32 } },
  },
])("$why", async ({ config, tensors, found }) => {
  const checkpoint = await checkpointOf(tensors);
  expect(await describeWeight(checkpoint, "m", [16, 64], { quantization_config: config })).toMatchObject(found);
});

const SAYS = "checkpoint-quantization: config.json says that the weights are quantised with ";
const refused: { why: string; config?: object; tensors?: Record<string, TensorData>; error: string }[] = [
  { why: "3 bits", config: { ...GPTQ, bits: 3 }, error: `${SAYS}GPTQ in 3 bits; only 4 and 8 can be read.` },
  {
    why: "Marlin",
    config: { ...GPTQ, is_marlin_format: true },
    error: `${SAYS}GPTQ in the checkpoint_format "marlin"; only "gptq" and "gptq_v2" can be read.`,
  },
  {
    why: "bits by module",
    config: { ...GPTQ, dynamic: { "+:.*down_proj": { bits: 8 } } },
    error: `${SAYS}GPTQ with bits or group_size of their own for some modules (dynamic).`,
  },
  {
    why: "a group of 5",
    config: { ...GPTQ, group_size: 5 },
    error: `${SAYS}a group_size that is 5; -1 or a multiple of 8 was expected.`,
  },
  { why: "AWQ, 8 bits", config: { ...AWQ, bits: 8 }, error: `${SAYS}AWQ in 8 bits; only 4 can be read.` },
  {
    why: "AWQ for matrix-vector products",
    config: { ...AWQ, version: "gemv" },
    error: `${SAYS}AWQ in the version "gemv"; only "gemm" can be read.`,
  },
  {
    why: "AWQ's words under GPTQ's name",
    config: GPTQ,
    tensors: awq,
    error:
      "checkpoint-shape: m.qweight is [64, 2]; [8, 16] was expected from config.json ([16, 64] in 4 bits of gptq, groups of 32).",
  },
  {
    why: "another group size",
    config: { ...GPTQ, group_size: 64 },
    error: "checkpoint-shape: m.qzeros is [2, 2]; [1, 2] was expected",
  },
  { why: "no zeros", tensors: { "m.qweight": gptq["m.qweight"] }, error: "has no tensor m.qzeros" },
  { why: "act-order without g_idx", config: { ...GPTQ, desc_act: true }, error: "has no tensor m.g_idx" },
  {
    why: "a g_idx too short",
    tensors: { ...gptq, "m.g_idx": zeros("I32", 63) },
    error: "checkpoint-shape: m.g_idx is [63]; [64] was expected",
  },
  {
    why: "words that are floats",
    tensors: { ...gptq, "m.qweight": zeros("F32", 8, 16) },
    error: "checkpoint-dtype: m.qweight is F32; I32 was expected.",
  },
];
test.each(refused)("refused: $why", async ({ config = GPTQ, tensors = gptq, error }) => {
  const checkpoint = await checkpointOf(tensors);
  const describe = () => describeWeight(checkpoint, "m", [16, 64], { quantization_config: config });
  expect(await failure(describe)).toContain(error);
});

test("packed words without a word about them in config.json", async () => {
  const checkpoint = await checkpointOf(gptq);
  expect(await failure(() => describeWeight(checkpoint, "m", [16, 64], {}))).toContain(
    "has m.qweight, but its config.json has no quantization_config. Older tools wrote quantize_config.json instead",
  );
});

test.each(["bitsandbytes", "fp8", "mxfp4", "modelopt", "exl2", "hqq", "auto-round", "torchao"])(
  "%s is refused by name",
  async (quant_method) => {
    const checkpoint = await checkpointOf({ "m.weight": zeros("U8", 16, 32) });
    const describe = () => describeWeight(checkpoint, "m", [16, 64], { quantization_config: { quant_method } });
    expect(await failure(describe)).toContain(
      `checkpoint-quantization: config.json says quant_method ${JSON.stringify(quant_method)}`,
    );
  },
);
