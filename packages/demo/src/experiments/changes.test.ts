import { openAsBlob, readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Engine, type ModelHandle, openEngine } from "@alambic/engine";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Change, change } from "./changes.js";
import { fromHalf, toHalf } from "./half.js";
import { filesOf, type Stored, tensorsOf } from "./stored.js";

const FOLDER = fileURLToPath(new URL("../../../../models/smollm2-135m-instruct", import.meta.url));
const fixture = new URL("../../fixtures/trials.expected.json", import.meta.url);
const { ids, layers, trials } = JSON.parse(readFileSync(fixture, "utf8"));

async function teacher(): Promise<Stored> {
  const tensors = new Map();
  for (const name of await readdir(FOLDER)) {
    if (!name.endsWith(".safetensors")) continue;
    for (const entry of await tensorsOf(await openAsBlob(`${FOLDER}/${name}`))) tensors.set(...entry);
  }
  return { config: JSON.parse(readFileSync(`${FOLDER}/config.json`, "utf8")), tensors, others: new Map() };
}

describe("the changed teacher is as far from what it was as transformers says", () => {
  let engine: Engine;
  let stored: Stored;
  let before: ModelHandle;
  beforeAll(async () => {
    engine = await openEngine();
    console.info(`tests run on: ${engine.adapter.name} (${engine.adapter.kind})`);
    const kept = Array.from({ length: layers }, (_, layer) => layer);
    stored = await change(await teacher(), { kind: "layers", kept });
    before = await engine.load(filesOf(stored));
  });
  afterAll(() => engine?.dispose());

  test.each<{ name: string; wanted: Change; within: number }>([
    { name: "layers", wanted: { kind: "layers", kept: [5, 0, 1, 2] }, within: 1e-3 },
    // What lies half way between two levels goes up here and to the even one there.
    { name: "bits", wanted: { kind: "bits", bits: 3 }, within: 0.02 },
    // A size is found to one part in 4,096.
    { name: "zeros", wanted: { kind: "zeros", share: 0.4 }, within: 0.05 },
    { name: "experts", wanted: { kind: "experts", used: 5 }, within: 0.02 },
    { name: "all experts", wanted: { kind: "experts", used: 8 }, within: 0.02 },
  ])("$name", async ({ name, wanted, within }) => {
    const model = await engine.load(filesOf(await change(stored, wanted)));
    const found = await engine.compare(before, model, ids);
    model.dispose();
    const expected = trials[name];
    console.info(`${name}: KL ${found.mean_kl} for ${expected.kl}, perplexity ${found.student_perplexity}`);
    expect(Math.abs(found.mean_kl - expected.kl)).toBeLessThan(within * expected.kl + 1e-3);
    expect(Math.abs(found.top1_agreement - expected.agreement)).toBeLessThanOrEqual(
      within > 0.01 ? 2 / ids.length : 0.001,
    );
    // Six layers alone predict nothing well: what counts is that they do so alike.
    expect(Math.log(found.student_perplexity! / expected.perplexity)).toBeCloseTo(0, within > 0.01 ? 0 : 2);
  });
});

describe("halves", () => {
  test.each([
    { value: -0, bits: 0x8000 },
    { value: -1.5, bits: 0xbe00 },
    { value: 0.1, bits: 0x2e66 },
    { value: 1 / 3, bits: 0x3555 },
    { value: 65_504, bits: 0x7bff },
    { value: 65_520, bits: 0x7c00 },
    { value: 3e-8, bits: 0x0001 },
    { value: 2049, bits: 0x6800 },
    { value: 2051, bits: 0x6802 },
    { value: 4095.5, bits: 0x6c00 },
  ])("$value", ({ value, bits }) => {
    expect(toHalf(value)).toBe(bits);
  });

  test("all are read and written back", () => {
    for (let bits = 0; bits < 0x7c00; bits++) expect(toHalf(fromHalf(bits))).toBe(bits);
  });
});
