import { expect, test } from "vitest";
import { Graph, type Parameter, Weights } from "../graph/graph.js";
import type { RawConfig } from "../models/config.js";
import { loadFamily } from "../models/registry.js";
import { failure } from "../testing/failure.js";
import { folder, safetensors } from "../testing/safetensors.js";
import { describeParameter } from "./experts.js";
import { weightFormat } from "./formats/describe.js";
import { withOwnNames } from "./own-names.js";
import { openCheckpoint } from "./safetensors.js";

const mixtral = { model_type: "mixtral", vocab_size: 8, hidden_size: 8, intermediate_size: 4, num_hidden_layers: 1 };

test("Mixtral's own spelling, and MLX's with overrides for whole stacks", async () => {
  const rename = await renameOf({ ...mixtral, num_attention_heads: 1 });
  const place = "model.layers.0.block_sparse_moe";
  const alone = await named({ [`${place}.gate`]: [2, 8], [`${place}.experts.1.w3`]: [4, 8] }, {}, rename);
  expect([...alone.checkpoint.tensors.keys()]).toEqual([
    "model.layers.0.mlp.gate.weight",
    "model.layers.0.mlp.experts.1.up_proj.weight",
  ]);
  const own = { bits: 8 };
  const quantization = { bits: 4, [`${place}.switch_mlp.down_proj`]: own, [`${place}.gate`]: false };
  const stacked = await named({ [`${place}.switch_mlp.down_proj`]: [2, 8, 4] }, { quantization }, rename);
  expect(stacked.config.quantization).toEqual({
    bits: 4,
    "model.layers.0.mlp.experts.0.down_proj": own,
    "model.layers.0.mlp.experts.1.down_proj": own,
    "model.layers.0.mlp.gate": false,
  });
});

test("an expert's part of a stack is its bytes", async () => {
  const { checkpoint } = await named({ "mlp.experts.gate_up_proj": [3, 4, 2], "mlp.switch_mlp.down_proj": [3, 2, 2] });
  const bytesOf = async (name: string) => {
    const info = checkpoint.tensors.get(name)!;
    expect(info.shape).toEqual([2, 2]);
    const bytes = await checkpoint.readBytes(info, 0, info.end - info.start);
    return [...new Float32Array(bytes.slice().buffer)];
  };
  expect(checkpoint.tensors.size).toBe(9);
  expect(await bytesOf("mlp.experts.0.gate_proj.weight")).toEqual([0, 1, 2, 3]);
  expect(await bytesOf("mlp.experts.2.gate_proj.weight")).toEqual([16, 17, 18, 19]);
  expect(await bytesOf("mlp.experts.2.up_proj.weight")).toEqual([20, 21, 22, 23]);
  expect(await bytesOf("mlp.experts.1.down_proj.weight")).toEqual([4, 5, 6, 7]);
});

test("a stack that is none is an error", async () => {
  const message = (shape: number[]) => failure(() => named({ "mlp.experts.gate_up_proj": shape }));
  expect(await message([4, 2])).toContain(
    "checkpoint-shape: mlp.experts.gate_up_proj is [4, 2]; [experts, 2 width, columns] was expected",
  );
  expect(await message([2, 3, 2])).toContain("mlp.experts.gate_up_proj is [2, 3, 2]");
});

test("experts of different forms, or one that is missing, are errors", async () => {
  const down = stackOf();
  const tensors = { "mlp.experts.0.down_proj": [8, 4], "mlp.experts.1.down_proj": [8, 4] };
  const { checkpoint, config } = await named(tensors, {}, undefined, ["mlp.experts.1.down_proj"]);
  expect(await failure(async () => describeParameter(checkpoint, down, await weightFormat(config)))).toBe(
    'checkpoint-quantization: mlp.experts.1.down_proj is stored as {"kind":"f16"} and mlp.experts.0.down_proj as {"kind":"f32"}; experts that are read as one must be of one form. Use another copy of the model.',
  );
  const { checkpoint: short } = await named({ "mlp.experts.0.down_proj": [8, 4] });
  expect(await failure(async () => describeParameter(short, down, await weightFormat({})))).toContain(
    "has no tensor mlp.experts.1.down_proj.weight",
  );
});

/** `down` of two experts, each `[8, 4]`. */
function stackOf(): Parameter {
  const g = new Graph();
  const x = g.embed(g.tokens(), new Weights("embed"), [8, 8]);
  const chosen = g.route(g.linear(x, new Weights("mlp.gate"), 2), 1, { normalise: true });
  g.experts(x, chosen, new Weights("mlp.experts"), { count: 2, width: 4, activation: "silu" });
  return g.parameters.get("mlp.experts.down_proj")!;
}

async function renameOf(config: RawConfig) {
  return (await loadFamily(config)).architecture.rename;
}

/** Modules' weights of these shapes that count up from 0, in f32, or in f16 where listed. Fused stacks have no `.weight`. */
async function named(
  shapes: Readonly<Record<string, readonly number[]>>,
  config: RawConfig = {},
  rename?: (name: string) => string,
  inF16: readonly string[] = [],
) {
  const tensors = Object.entries(shapes).map(([module, shape]) => {
    const numbers = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => i);
    const f16 = inF16.includes(module);
    const data = new Uint8Array(f16 ? new Uint16Array(numbers.length).buffer : numbers.buffer);
    const name = module.endsWith("experts.gate_up_proj") ? module : `${module}.weight`;
    return [name, { dtype: f16 ? "F16" : "F32", shape, data }] as const;
  });
  const checkpoint = await openCheckpoint(folder({ "model.safetensors": safetensors(Object.fromEntries(tensors)) }));
  return withOwnNames({ checkpoint, config }, rename);
}
