import type { ModelTensor } from "@alambic/engine";
import { expect, test } from "vitest";
import { mapOfLayer, mapOfModel, parametersBySection } from "./map.js";

const tensor = (name: string, section: ModelTensor["section"], parameters: number, layer?: number): ModelTensor => ({
  ...{ name, section, parameters, shape: [parameters], bytes: 2 * parameters, form: "bf16" },
  ...(layer !== undefined && { layer }),
});

// The proportions of Qwen2.5-0.5B: 27.6 % embedding, 8.9 % attention, 63.5 % MLP.
const LAYERS = 24;
const tensors = [
  tensor("embed", "embedding", 136_134_656),
  ...Array.from({ length: LAYERS }, (_, i) => [
    tensor(`q${i}`, "attention", 1_836_160, i),
    tensor(`gate${i}`, "mlp", 13_074_432, i),
    tensor(`norm${i}`, "norm", 1792, i),
  ]).flat(),
  tensor("norm", "norm", 896),
];
const SIZE = { width: 1000, height: 500 };

test("areas are in proportion to parameters", () => {
  const cells = mapOfModel(tensors, SIZE);
  expect(cells).toHaveLength(LAYERS + 2);
  const area = (key: string) => cells.filter((cell) => cell.key === key).map(({ width, height }) => width * height)[0]!;
  const share = 136_134_656 / 494_032_768;
  // The gaps between cells take a little of each.
  expect(area("embed") / (SIZE.width * SIZE.height)).toBeCloseTo(share, 1);
  expect(area("layer 3") / area("layer 17")).toBeCloseTo(1, 0);
});

test("cells stay inside the picture, and what is in a layer inside the layer", () => {
  for (const { x, y, width, height, inner } of mapOfModel(tensors, SIZE)) {
    expect(x).toBeGreaterThanOrEqual(0);
    expect(y).toBeGreaterThanOrEqual(0);
    expect(x + width).toBeLessThanOrEqual(SIZE.width + 1e-6);
    expect(y + height).toBeLessThanOrEqual(SIZE.height + 1e-6);
    for (const cell of inner) expect(cell.x + cell.width).toBeLessThanOrEqual(width + 1e-6);
  }
});

test("layers keep their order in the list, for the keyboard", () => {
  const layers = mapOfModel(tensors, SIZE).flatMap(({ layer }) => layer ?? []);
  expect(layers).toEqual([...layers].sort((a, b) => a - b));
});

test("one layer is its tensors", () => {
  expect(mapOfLayer(tensors, 5, SIZE).map(({ key }) => key)).toEqual(["gate5", "q5", "norm5"]);
});

test("sections add up, and those a model does not have are left out", () => {
  const sections = parametersBySection(tensors);
  expect([...sections.keys()]).toEqual(["embedding", "attention", "mlp", "norm"]);
  expect(sections.get("mlp")).toBe(24 * 13_074_432);
});
