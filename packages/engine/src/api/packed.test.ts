import { readFile } from "node:fs/promises";
import { Gpu } from "@alambic/kernels";
import { expect, test } from "vitest";
import { certain, expectedOf } from "../testing/expected.js";
import { failure } from "../testing/failure.js";
import { fixture } from "../testing/fixtures.js";
import { testGpu } from "../testing/gpu.js";
import { folder } from "../testing/safetensors.js";
import { Model } from "./model.js";

test("the plan for GPUs puts inputs in act-order too, and norms them before", async () => {
  const { device, adapter } = await testGpu();
  const gpu = new Gpu(device, { ...adapter, kind: "gpu" });
  const expected = expectedOf("gptq-v2-actorder");
  const model = await Model.load(fixture("gptq-v2-actorder"), { gpu, tune: "off" });
  const ids = certain(expected.greedy, expected.greedy_margins, 1e-3);
  expect((await model.generate(expected.input_ids, { maxTokens: ids.length }).result()).ids).toEqual(ids);
  model.dispose();
});

test("packed weights stay in 4 bits, and dispose gives every byte back", async () => {
  const gpu = await testGpu();
  const before = gpu.buffers.bytes;
  const inspection = await Model.inspect(fixture("gptq-v2-actorder"));
  const model = await Model.load(fixture("gptq-v2-actorder"), { gpu });
  expect(model.info.gpuBytes).toBe(inspection.bytes.none);
  model.dispose();
  expect(gpu.buffers.bytes).toBe(before);
});

const damaged: { why: string; damage: (file: Uint8Array) => Uint8Array; error: string }[] = [
  {
    why: "a g_idx that names a group past the last",
    damage: (file) => withNumber(file, "model.layers.1.self_attn.v_proj.g_idx", 99),
    error:
      "checkpoint-quantization: model.layers.1.self_attn.v_proj.g_idx[0] is 99; 72 columns in groups of 32 have groups 0 to 2.",
  },
  {
    why: "a g_idx whose groups are uneven",
    damage: (file) => withNumber(file, "model.layers.0.mlp.down_proj.g_idx", 0, 1, 2),
    error: "checkpoint-quantization: model.layers.0.mlp.down_proj.g_idx puts ",
  },
  { why: "cut short", damage: (file) => file.subarray(0, file.length - 1000), error: "checkpoint-cut: " },
];
test.each(damaged)("$why is an error, and leaves nothing on the GPU", async ({ damage, error }) => {
  const gpu = await testGpu();
  const { bytes, count } = gpu.buffers;
  const [file, config] = await Promise.all([
    readFile(`${fixture("gptq-v2-actorder")}/model.safetensors`),
    readFile(`${fixture("gptq-v2-actorder")}/config.json`),
  ]);
  const source = folder({ "config.json": config, "model.safetensors": damage(new Uint8Array(file)) });
  expect(await failure(() => Model.load(source, { gpu }))).toContain(error);
  expect({ bytes: gpu.buffers.bytes, count: gpu.buffers.count }).toEqual({ bytes, count });
});

/** The file with the first numbers of an I32 tensor replaced. */
function withNumber(file: Uint8Array, name: string, ...values: number[]): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerBytes = Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + headerBytes)));
  for (const [i, value] of values.entries())
    view.setInt32(8 + headerBytes + header[name].data_offsets[0] + 4 * i, value, true);
  return file;
}
