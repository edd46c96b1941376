import { expect, test } from "vitest";
import { type MatrixForm, matrix } from "../../matrix.js";
import { empty, freeBuffersAfterAll, runToFloats, upload } from "../../testing/gpu.js";
import { dequantiseReference, randomMatrix, uploadMatrix } from "../../testing/matrices.js";
import { nmse } from "../../testing/random.js";
import { embed } from "./embed.js";
import { embedReference } from "./embed.reference.js";

freeBuffersAfterAll();

interface Case {
  why: string;
  n: number;
  k: number;
  ids: number[];
  form: MatrixForm;
  maxBytes?: number;
  scale?: number;
}

const cases: Case[] = [
  { why: "smallest", n: 1, k: 1, ids: [0], form: { kind: "f32" } },
  { why: "odd K", n: 5, k: 43, ids: [4, 0, 2, 2], form: { kind: "f16" } },
  { why: "odd K", n: 5, k: 43, ids: [4, 0, 2, 2], form: { kind: "bf16" } },
  { why: "short last group", n: 9, k: 43, ids: [8, 3], form: { kind: "int4", groupSize: 24, groupType: "f32" } },
  { why: "short last group", n: 9, k: 43, ids: [8, 3], form: { kind: "int8", groupSize: 32, groupType: "f16" } },
  {
    why: "two blocks, and ids that no block has",
    n: 23,
    k: 72,
    ids: [22, 23, 5, 4, 0xffffffff, 0, 20, 10],
    form: { kind: "int4", groupSize: 24, groupType: "f16" },
    maxBytes: 432,
  },
  { why: "Gemma's scale", n: 7, k: 640, ids: [6, 1], form: { kind: "bf16" }, scale: Math.sqrt(640) },
  {
    why: "a token and a row for each of 65,537",
    n: 65_537,
    k: 8,
    ids: Array.from({ length: 65_537 }, (_, t) => 65_536 - t),
    form: { kind: "int8", groupSize: 8, groupType: "bf16" },
  },
  {
    why: "SmolLM2-135M's width",
    n: 523,
    k: 576,
    ids: [1, 522, 77],
    form: { kind: "int8", groupSize: 32, groupType: "bf16" },
  },
];

test.each(cases)("embed, $why ($n × $k, $form.kind)", async ({ n, k, ids, form, maxBytes, scale = 1 }) => {
  const host = randomMatrix([n, k], form, n + k);
  const tokens = Uint32Array.from(ids);
  const y = await upload(new Float32Array(ids.length * k).fill(7), [ids.length, k], "output");
  const dispatches = embed({
    step: await upload(Uint32Array.of(3, ids.length), [2]),
    ids: await upload(tokens, [ids.length]),
    matrix: await uploadMatrix(host, maxBytes),
    y,
    scale,
  });
  const actual = await runToFloats(dispatches, y);
  expect(nmse(actual, embedReference(dequantiseReference(host), tokens, k, scale))).toBeLessThan(1e-12);
});

test("embed leaves tokens past count alone", async () => {
  const host = randomMatrix([4, 8], { kind: "f32" }, 1);
  const y = await upload(new Float32Array(24).fill(7), [3, 8], "output");
  const ids = await upload(Uint32Array.of(1, 2, 3), [3]);
  const step = await upload(Uint32Array.of(0, 2), [2]);
  const actual = await runToFloats(embed({ step, ids, matrix: await uploadMatrix(host), y }), y);
  expect([...actual.subarray(16)]).toEqual(new Array(8).fill(7));
  expect(actual.subarray(0, 16).every((value) => value !== 7)).toBe(true);
});

test("embed names what does not fit", async () => {
  const [step, ids] = [await upload(Uint32Array.of(0, 2), [2]), await upload(Uint32Array.of(1, 2), [2])];
  const subject = matrix("embed_tokens", [4, 8], { kind: "f32" }, 1024);
  const y = await empty([2, 9]);
  expect(() => embed({ step, ids, matrix: subject, y })).toThrow(
    "ids is [2] and embed_tokens [4,8], so y must be [2,8]; found [2,9]",
  );
});
