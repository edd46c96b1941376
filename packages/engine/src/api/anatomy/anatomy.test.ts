import { describe, expect, test } from "vitest";
import { fixture } from "../../testing/fixtures.js";
import { testGpu } from "../../testing/gpu.js";
import { openModel } from "../inspect.js";
import { examine } from "./examine.js";
import { histogram, prunedErrors, relativeError, roundToBf16 } from "./statistics.js";
import { anatomy } from "./tensors.js";

const gpu = await testGpu();
const plain = await openModel(fixture("llama-tied"));
const packed = await openModel(fixture("mlx-4bit-g64"));

describe("the tensors of a model", () => {
  test("add up to its parameters and its bytes", async () => {
    const { tensors } = await anatomy(fixture("llama-tied"));
    const sum = (pick: (tensor: (typeof tensors)[number]) => number) =>
      tensors.reduce((all, one) => all + pick(one), 0);
    expect(sum(({ parameters }) => parameters)).toBe(plain.inspection.parameters.total);
    const stored = [...plain.checkpoint.tensors.values()].reduce((all, { start, end }) => all + end - start, 0);
    expect(sum(({ bytes }) => bytes)).toBe(stored);
  });

  test("say where they belong and how they are stored", async () => {
    const { tensors, config } = await anatomy(fixture("llama-tied"));
    expect(config).toMatchObject({ hidden_size: 64 });
    const find = (name: string) => tensors.find((one) => one.name === name);
    expect(find("model.layers.1.mlp.down_proj.weight")).toMatchObject({ layer: 1, section: "mlp", form: "bf16" });
    expect(find("model.embed_tokens.weight")).toEqual({
      name: "model.embed_tokens.weight",
      shape: [512, 64],
      section: "embedding",
      parameters: 32768,
      bytes: 65536,
      form: "bf16",
    });
    const gate = (await anatomy(fixture("mlx-4bit-g64"))).tensors.find(
      ({ name }) => name === "model.layers.0.mlp.gate_proj.weight",
    );
    expect(gate).toMatchObject({
      form: "int4",
      groupSize: 64,
      bytes: gate!.parameters / 2 + (gate!.parameters / 64) * 4,
    });
  });
});

describe("a tensor's numbers", () => {
  test("are described as PyTorch describes them", async () => {
    const { values, rows, forms } = await examine(gpu, plain, "model.layers.0.mlp.down_proj.weight");
    expect(rows).toBe(64);
    expect(values.mean).toBeCloseTo(0.0011452385667, 8);
    expect(values.deviation).toBeCloseTo(0.1155652047770386, 8);
    expect([values.least, values.most]).toEqual([-0.431640625, 0.515625]);
    expect(values.counts.reduce((sum, count) => sum + count, 0)).toBe(64 * 192);
    // Plain min-max rounding in the same groups, by PyTorch: the quantiser must not be worse, and cannot be much better.
    const [bf16, int8, int4] = forms;
    expect(bf16).toMatchObject({ kind: "bf16", error: 0, bytes: 2 * 64 * 192 });
    expect(int8!.error).toBeLessThan(0.00525);
    expect(int8!.error).toBeGreaterThan(0.003);
    expect(int4!.error).toBeLessThan(0.08876);
    expect(int4!.error).toBeGreaterThan(0.06);
    expect(int4!.bytes).toBe(64 * 192 * (0.5 + 4 / 64));
  });

  test("lose nothing when they already lie on a grid of 4 bits in the same groups", async () => {
    const { forms } = await examine(gpu, packed, "model.layers.0.mlp.gate_proj.weight");
    expect(forms.at(-1)!.error).toBeLessThan(1e-3);
  });

  test("of a norm are never quantised", async () => {
    const examined = await examine(gpu, plain, "model.layers.0.input_layernorm.weight");
    expect(examined.values.mean).toBeCloseTo(1.01129150390625, 6);
    expect(examined.forms).toEqual([]);
  });

  test("of no tensor are an error that says where names are", async () => {
    await expect(examine(gpu, plain, "model.layers.9.mlp")).rejects.toThrow("anatomy() lists them");
  });

  test("of a large matrix are read in bands, and every buffer is given back", async () => {
    const teacher = await openModel(fixture("../../../models/smollm2-135m-instruct"));
    const before = gpu.buffers.bytes;
    const { rows, values } = await examine(gpu, teacher, "model.embed_tokens.weight");
    expect(rows).toBeLessThan(2000);
    expect(rows * 576).toBeGreaterThan(900_000);
    expect(values.deviation).toBeGreaterThan(0.01);
    expect(gpu.buffers.bytes).toBe(before);
  });
});

test("the histogram counts both ends and nothing outside", () => {
  const counts = histogram(Float32Array.of(-2, -1, 0, 1, 2), -1, 1);
  expect(counts).toHaveLength(96);
  expect([counts[0], counts[48], counts[95]]).toEqual([1, 1, 1]);
  expect(histogram(new Float32Array(5).fill(3), 3, 3)[0]).toBe(5);
});

test("bf16 rounds to the nearest, ties to even", () => {
  const rounded = roundToBf16(Float32Array.of(1, 1 + 2 ** -8, 1 + 3 * 2 ** -8, -(1 + 2 ** -7), 1 + 2 ** -9));
  expect([...rounded]).toEqual([1, 1, 1 + 2 ** -6, -(1 + 2 ** -7), 1]);
  expect(relativeError(Float32Array.of(3, 4), Float32Array.of(3, 4.5))).toBeCloseTo(0.1, 10);
});

test("pruning loses the smallest first", () => {
  const errors = prunedErrors(Float32Array.of(0, 0, -1, 1, 1, -1, 1, 1, 2, 2));
  expect(errors.map(({ error }) => error ** 2 * 14)).toEqual(
    [0, 0, 1, 2, 3, 4, 5, 6, 10].map((lost) => expect.closeTo(lost, 5)),
  );
});
