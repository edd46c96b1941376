import { expect, test } from "vitest";
import { type GroupType, groupWordsPerRow, type MatrixForm, matrix, matrixTensors, wordsPerRow } from "../../matrix.js";
import { freeBuffersAfterAll, runToArray, testGpu, upload } from "../../testing/gpu.js";
import { encode, setField } from "../../testing/matrices.js";
import { randomSource } from "../../testing/random.js";
import { type PackedLayout, repackGroups, repackValues } from "./repack.js";
import { packValues, packZeros } from "./repack.reference.js";

freeBuffersAfterAll();

interface Case {
  why: string;
  layout: PackedLayout;
  n: number;
  k: number;
  bits?: 4 | 8;
  groupSize: number;
  added?: 0 | 1;
  scales?: "f16" | "bf16" | "f32";
  ordered?: boolean;
  /** Rows of the source in one slice. */
  slice?: number;
  maxBytes?: number;
}

const cases: Case[] = [
  { why: "smallest", layout: "gptq", n: 8, k: 8, groupSize: 8 },
  { why: "zeros less one", layout: "gptq", n: 24, k: 96, groupSize: 32, added: 1 },
  {
    why: "slices that do not divide K, two blocks",
    layout: "gptq",
    n: 40,
    k: 168,
    groupSize: 24,
    slice: 4,
    maxBytes: 2000,
  },
  { why: "a short last group", layout: "gptq", n: 16, k: 72, groupSize: 32, added: 1 },
  { why: "the whole of K", layout: "gptq", n: 16, k: 72, groupSize: 72, added: 1 },
  { why: "bf16 scales", layout: "gptq", n: 16, k: 64, groupSize: 64, scales: "bf16" },
  { why: "f32 scales", layout: "gptq", n: 16, k: 64, groupSize: 16, scales: "f32", added: 1 },
  { why: "act-order", layout: "gptq", n: 24, k: 96, groupSize: 32, ordered: true, added: 1 },
  {
    why: "act-order, slices and blocks",
    layout: "gptq",
    n: 40,
    k: 168,
    groupSize: 24,
    ordered: true,
    slice: 5,
    maxBytes: 2000,
  },
  { why: "8 bits", layout: "gptq", n: 12, k: 100, bits: 8, groupSize: 32, added: 1 },
  { why: "8 bits, act-order", layout: "gptq", n: 12, k: 64, bits: 8, groupSize: 16, ordered: true },
  { why: "smallest", layout: "awq", n: 8, k: 8, groupSize: 8 },
  {
    why: "slices that do not divide K, two blocks",
    layout: "awq",
    n: 40,
    k: 168,
    groupSize: 56,
    slice: 32,
    maxBytes: 2000,
  },
  { why: "k_proj of a 7B", layout: "awq", n: 1024, k: 4096, groupSize: 128 },
];

test.each(cases)("repack $layout, $why ($n × $k)", async (one) => {
  const { layout, n, k, bits = 4, groupSize, added = 0, scales: type = "f16", ordered = false } = one;
  const next = randomSource(n * k);
  const below = (limit: number) => Math.floor(next() * limit);
  const groups = Math.ceil(k / groupSize);
  const integers = {
    ...{ n, k, bits },
    values: Uint8Array.from({ length: k * n }, () => below(2 ** bits)),
    zeros: Uint16Array.from({ length: groups * n }, () => below(2 ** bits) + added),
  };
  const scales = Float32Array.from({ length: groups * n }, () => 0.01 + next() / 16);
  const places = Uint32Array.from({ length: k }, (_, i) => i);
  if (ordered) places.sort(() => next() - 0.5);

  const form = {
    kind: bits === 4 ? "int4" : "int8",
    groupSize,
    groupType: (type === "f32" ? type : `${type}-zero`) as GroupType,
  } as const satisfies MatrixForm;
  const target = { ...matrix("repacked", [n, k], form, one.maxBytes ?? 2 ** 27), form };
  const gpu = await testGpu();
  gpu.buffers.allocate(...matrixTensors(target));
  const order = ordered ? await upload(places, [k], "places") : undefined;
  const packed = packValues(integers, layout);
  const width = layout === "awq" ? n / 8 : n;
  const step = one.slice ?? packed.length / width;
  for (let row = 0; row < packed.length / width; row += step) {
    const words = packed.subarray(row * width, (row + step) * width);
    const source = await upload(words, [words.length / width, width]);
    const firstWord = layout === "awq" ? row / 8 : row;
    for (const block of target.blocks)
      await runToArray(repackValues({ layout, source, firstWord, target, block, places: order }), block.values);
  }
  const zeros = packZeros(integers, layout, added);
  const scaleWords = wordsOf(scales, type);
  for (let group = 0; group < groups; group += 3) {
    const end = Math.min(group + 3, groups);
    const rows = (words: Uint32Array) => words.subarray((group * words.length) / groups, (end * words.length) / groups);
    const inputs = {
      scales: await upload(rows(scaleWords), [rows(scaleWords).length]),
      zeros: await upload(rows(zeros), [end - group, rows(zeros).length / (end - group)]),
    };
    for (const block of target.blocks)
      await runToArray(repackGroups({ layout, ...inputs, added, firstGroup: group, target, block }), block.groups!);
  }

  const host = {
    shape: [n, k],
    form,
    values: new Uint32Array(n * wordsPerRow(k, form)),
    groups: new Uint32Array(),
  } as const;
  const expectedGroups = new Uint32Array(n * groupWordsPerRow(k, form));
  for (let output = 0; output < n; output++) {
    for (let input = 0; input < k; input++)
      setField(host, output, places[input]!, integers.values[input * n + output]!);
    for (let group = 0; group < groups; group++) {
      const [scale, zero] = [scales[group * n + output]!, integers.zeros[group * n + output]!];
      const at = output * groups + group;
      if (type === "f32") expectedGroups.set([encode("f32", scale), encode("f32", -scale * zero)], 2 * at);
      else expectedGroups[at] = encode(type, scale) | (zero << 16);
    }
  }
  const read = async (which: "values" | "groups") => {
    const blocks = await Promise.all(target.blocks.map((block) => gpu.buffers.read(block[which]!)));
    return blocks.flatMap((block) => [...block]);
  };
  expect(target.blocks.length).toBe(one.maxBytes ? 2 : 1);
  expect(await read("values")).toEqual([...host.values]);
  expect(await read("groups")).toEqual([...expectedGroups]);
});

function wordsOf(scales: Float32Array, type: "f16" | "bf16" | "f32"): Uint32Array {
  const bits = Array.from(scales, (scale) => encode(type, scale));
  if (type === "f32") return Uint32Array.from(bits);
  return Uint32Array.from({ length: bits.length / 2 }, (_, i) => bits[2 * i]! | (bits[2 * i + 1]! << 16));
}

test("repack names a slice that fits nowhere", async () => {
  const form = { kind: "int4", groupSize: 8, groupType: "f16-zero" } as const;
  const target = { ...matrix("repacked", [16, 64], form, 2 ** 27), form };
  const block = target.blocks[0]!;
  const source = await upload(new Uint32Array(64), [4, 16]);
  expect(() => repackValues({ layout: "gptq", source, firstWord: 5, target, block })).toThrow("no part of [16, 64]");
  expect(() => repackValues({ layout: "awq", source, firstWord: 0, target, block })).toThrow("no part of [16, 64]");
  const zeros = await upload(new Uint32Array(4), [2, 2]);
  const inputs = { layout: "gptq", scales: source, zeros, added: 0, firstGroup: 0, target, block } as const;
  expect(() => repackGroups(inputs)).toThrow("scales [4,16] and zeros [2,2] from group 0 on are no part");
});
