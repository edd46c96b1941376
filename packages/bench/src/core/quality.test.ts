import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Model, openGpu } from "@alambic/engine";
import { expect, test } from "vitest";
import { bitsPerByte, QUALITY_TEXT } from "./quality.js";

const here = (path: string) => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));

test("bits per byte of the embedded student are those that transformers' likelihoods give", async () => {
  const expected = JSON.parse(readFileSync(here("packages/engine/fixtures/smollm2-81m-student.expected.json"), "utf8"));
  const { input_ids, mean_nll } = expected.texts.find(({ text }: { text: string }) => text === QUALITY_TEXT);
  const gpu = await openGpu({ defaultLimits: true });
  const model = await Model.load(here("models/smollm2-81m-student"), { gpu, contextLength: 128 });
  const { bitsPerByte: bits, ids } = await bitsPerByte(model);
  gpu.dispose();
  expect(ids).toEqual(input_ids);
  expect(bits).toBeCloseTo((mean_nll * (ids.length - 1)) / Math.LN2 / 316, 3);
});
