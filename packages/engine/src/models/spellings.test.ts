import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Graph, type Node } from "../graph/graph.js";
import { fixture } from "../testing/fixtures.js";
import type { RawConfig } from "./config.js";
import { loadFamily } from "./registry.js";

/** The keys of transformers 5: rotation in `rope_parameters`, windows by `layer_types`. */
function spelledNew({ rope_theta, rope_scaling, partial_rotary_factor, torch_dtype, ...config }: RawConfig): RawConfig {
  const { type, ...scaling } = (rope_scaling ?? {}) as RawConfig;
  const { original_max_position_embeddings: original } = config;
  const rope_parameters = {
    rope_theta,
    rope_type: type ?? scaling.rope_type ?? "default",
    ...(partial_rotary_factor !== undefined && { partial_rotary_factor }),
    ...(original !== undefined && { original_max_position_embeddings: original }),
    ...scaling,
  };
  return { ...config, dtype: torch_dtype, rope_parameters };
}

/** Those from before: `rope_theta` beside `rope_scaling`, windows by each family's own rule. */
function spelledOld({ rope_parameters, dtype, layer_types: _, ...config }: RawConfig): RawConfig {
  const { rope_theta, rope_type, partial_rotary_factor, ...scaling } = rope_parameters as RawConfig;
  return {
    ...config,
    torch_dtype: dtype,
    rope_theta,
    ...(partial_rotary_factor !== undefined && { partial_rotary_factor }),
    rope_scaling: rope_type === "default" ? null : { type: rope_type, ...scaling },
  };
}

async function graphOf(config: RawConfig): Promise<unknown> {
  const { architecture } = await loadFamily(config);
  const graph = new Graph();
  architecture.forward(graph, graph.tokens());
  const plain = (value: unknown) => (isNode(value) ? `node ${value.index}` : value);
  return graph.nodes.map(({ features, operation }) => [
    features,
    Object.fromEntries(Object.entries(operation).map(([key, value]) => [key, plain(value)])),
  ]);
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "operation" in value;
}

const folders = readdirSync(fixture("."), { withFileTypes: true }).filter((entry) => entry.isDirectory());
const configs = folders
  .filter(({ name }) => readdirSync(fixture(name)).includes("config.json"))
  .map(({ name }) => ({ name, config: JSON.parse(readFileSync(`${fixture(name)}/config.json`, "utf8")) as RawConfig }))
  // Gemma 3 has a rotation for each type of layer, which config.test.ts compares; encoders have none.
  .filter(({ config }) => !["gemma3_text", "bert", "xlm-roberta"].includes(String(config.model_type)));

test.each(configs)("$name is the same model in either spelling", async ({ config }) => {
  const other = config.rope_parameters === undefined ? spelledNew(config) : spelledOld(config);
  expect(await graphOf(other)).toEqual(await graphOf(config));
});

test("SmolLM3's layers without rotation, listed or by their interval", async () => {
  const { config } = configs.find(({ name }) => name === "smollm3")!;
  const { no_rope_layers: _, ...byInterval } = config;
  expect(await graphOf(byInterval)).toEqual(await graphOf(config));
  await expect(loadFamily({ ...config, no_rope_layers: [1, 0] })).rejects.toThrow(
    "no_rope_layers is [1,0]; expected 4 numbers, 1 for a layer that rotates",
  );
});

test("Gemma 3's two rotations, in one entry each or in keys of their own", async () => {
  const config = JSON.parse(readFileSync(`${fixture("gemma3")}/config.json`, "utf8")) as RawConfig;
  const { rope_theta, rope_local_base_freq, rope_scaling: _, sliding_window_pattern: __, ...rest } = config;
  const rope = (theta: unknown) => ({ rope_type: "default", rope_theta: theta });
  const layer_types = Array.from({ length: 6 }, (_, layer) => (layer < 5 ? "sliding_attention" : "full_attention"));
  const rope_parameters = { full_attention: rope(rope_theta), sliding_attention: rope(rope_local_base_freq) };
  expect(await graphOf({ ...rest, layer_types, rope_parameters })).toEqual(await graphOf(config));
});
