import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { failure } from "../testing/failure.js";
import { fixture } from "../testing/fixtures.js";
import { folder, withHeader } from "../testing/safetensors.js";
import { Model } from "./model.js";

interface Header {
  [name: string]: { dtype: string; shape: number[]; data_offsets: [number, number] };
}

/** A fixture in memory, its config and the header of its weights changed; inspecting reads nothing else. */
function changed(name: string, config: object, edit: (header: Header) => void = () => {}) {
  const file = readFileSync(`${fixture(name)}/model.safetensors`);
  const headerBytes = Number(file.readBigUInt64LE());
  const { __metadata__: _, ...header } = JSON.parse(file.subarray(8, 8 + headerBytes).toString());
  const before = sizeOf(header);
  edit(header);
  const grown = sizeOf(header) - before; // an added tensor needs bytes to be of
  const weights = Buffer.concat([
    withHeader(JSON.stringify(header)),
    file.subarray(8 + headerBytes),
    Buffer.alloc(grown),
  ]);
  const own = JSON.parse(readFileSync(`${fixture(name)}/config.json`, "utf8"));
  return folder({ "config.json": JSON.stringify({ ...own, ...config }), "model.safetensors": weights });
}

const sizeOf = (header: Header) => Math.max(...Object.values(header).map(({ data_offsets }) => data_offsets[1]));

/** Adds a tensor of two f32 at the end. */
function add(...names: string[]) {
  return (header: Header) => {
    for (const name of names) {
      const end = sizeOf(header);
      header[name] = { dtype: "F32", shape: [2], data_offsets: [end, end + 8] };
    }
  };
}

function rename(from: string, to: string) {
  return (header: Header) => {
    header[to] = header[from]!;
    delete header[from];
  };
}

const cases: { why: string; config?: object; edit?: (header: Header) => void; says: RegExp }[] = [
  {
    why: "a family that is not known",
    config: { model_type: "qwen4" },
    says: /^config: config.json: model_type is "qwen4", a family this version does not know. It knows: qwen\d.* Choose a checkpoint of one of these/,
  },
  {
    why: "heads that cannot share keys",
    config: { num_key_value_heads: 3 },
    says: /^config: .*num_key_value_heads is 3, which does not divide the 4 of num_attention_heads\..* k_proj\.weight has num_key_value_heads times head_dim rows/,
  },
  {
    why: "heads of no whole size",
    config: { num_attention_heads: 6, num_key_value_heads: 2, head_dim: undefined },
    says: /^config: .*there is no head_dim, and hidden_size, 64, is no multiple of num_attention_heads, 6\..* add head_dim/,
  },
  {
    why: "heads that cannot be rotated in pairs",
    config: { head_dim: 15 },
    says: /^config: config.json: RoPE turns pairs of dimensions; 15 is not an even number.* Check head_dim/,
  },
  {
    why: "LongRoPE with too few divisors",
    config: {
      rope_parameters: undefined,
      rope_scaling: {
        type: "longrope",
        short_factor: [1, 1],
        long_factor: [1, 1],
        original_max_position_embeddings: 32,
      },
    },
    says: /^config: config.json: longrope's short_factor has 2 entries; 8 pairs/,
  },
  {
    why: "a tensor that is missing",
    edit: rename("model.layers.1.mlp.up_proj.weight", "model.layers.1.mlp.upwards.weight"),
    says: /^checkpoint-missing-tensor: .* has no tensor model\.layers\.1\.mlp\.up_proj\.weight; config\.json asks for it\. .*a file is missing\./,
  },
  {
    why: "a tensor of another shape",
    config: { intermediate_size: 80 },
    says: /^checkpoint-shape: model\.layers\.0\.mlp\.\w+_proj\.weight is \[\d+, \d+\]; \[\d+, \d+\] was expected from config\.json\. Config and weights are of different models\./,
  },
  {
    why: "a tensor that the model would leave out",
    edit: add("model.layers.0.self_attn.q_norm.weight"),
    says: /^checkpoint-extra-tensor: .* does not use: model\.layers\.0\.self_attn\.q_norm\.weight\. .* Check model_type, num_hidden_layers and the switches/,
  },
  {
    why: "biases that config.json does not switch on",
    edit: add(...["q", "k", "v", "o"].map((name) => `model.layers.0.self_attn.${name}_proj.bias`)),
    says: /^checkpoint-extra-tensor: .*q_proj\.bias, model\.layers\.0\.self_attn\.k_proj\.bias, model\.layers\.0\.self_attn\.v_proj\.bias and 1 more\./,
  },
  {
    why: "layers past the last",
    config: { num_hidden_layers: 1 },
    says: /^checkpoint-extra-tensor: .*model\.layers\.1\..* num_hidden_layers/,
  },
];

test.each(cases)("$why is named, with what to do", async ({ config = {}, edit, says }) => {
  expect(await failure(() => Model.inspect(changed("granite", config, edit)))).toMatch(says);
});

test.each([
  { why: "a head beside a tied embedding", name: "granite", tensor: "lm_head.weight" },
  {
    why: "frequencies that older versions stored",
    name: "granite",
    tensor: "model.layers.0.self_attn.rotary_emb.inv_freq",
  },
  { why: "an encoder's pooler", name: "sentence-bert", tensor: "pooler.dense.bias" },
  { why: "an encoder's head, behind a prefix", name: "sentence-bert", tensor: "bert.pooler.dense.weight" },
  { why: "an encoder's positions", name: "sentence-bert", tensor: "embeddings.position_ids" },
])("$why is left out", async ({ name, tensor }) => {
  const { family } = await Model.inspect(changed(name, {}, add(tensor)));
  expect(family).toBe(name === "granite" ? "granite" : "bert");
});

describe("every fixture is taken as it is", () => {
  const folders = readdirSync(fixture("."), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const names = folders.map(({ name }) => name).filter((name) => readdirSync(fixture(name)).includes("config.json"));
  test.each(names)("%s", async (name) => {
    const { parameters, bytes } = await Model.inspect(fixture(name));
    expect(parameters.total).toBeGreaterThan(0);
    expect(bytes.none).toBeGreaterThan(0);
  });
});
