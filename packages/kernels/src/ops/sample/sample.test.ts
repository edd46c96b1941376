import { expect, test } from "vitest";
import { tensor } from "../../dispatch.js";
import { empty, freeBuffersAfterAll, runToArray, testGpu, upload } from "../../testing/gpu.js";
import { randomFloats } from "../../testing/random.js";
import { sample, sampleRows } from "./sample.js";
import { sampleReference } from "./sample.reference.js";
import { type SampleSettings, SampleSettingsError, sampleSettings } from "./settings.js";

freeBuffersAfterAll();

/** Tokens drawn at places 1, 2, ... `count` from the same logits, all in one pass. */
async function draw(logits: Float32Array, settings: SampleSettings, count: number): Promise<number[]> {
  const inputs = {
    logits: await upload(logits, [1, logits.length]),
    settings: await upload(sampleSettings(settings), [8]),
    step: await upload(Uint32Array.of(0, 1), [2]),
    ids: await empty([1], "u32"),
    history: await empty([count + 1], "u32"),
  };
  const one = sample(inputs);
  const tokens = await runToArray(Array.from({ length: count }, () => one).flat(), inputs.history);
  return [...tokens.slice(1)];
}

const logsOf = (...probabilities: number[]) => Float32Array.from(probabilities, Math.log);

const pickCases: { why: string; width: number; settings: SampleSettings; spread?: number; draws?: number }[] = [
  { why: "a single token", width: 1, settings: { temperature: 1, topK: 3, topP: 0.5, minP: 0.5 } },
  { why: "no filter, odd width", width: 1009, settings: { temperature: 1, seed: 1 } },
  { why: "a high temperature", width: 300, settings: { temperature: 5, seed: 2 } },
  { why: "a low temperature", width: 300, settings: { temperature: 0.05, seed: 3 } },
  { why: "top-k", width: 5003, settings: { temperature: 1, topK: 40, seed: 4 } },
  { why: "top-k of all", width: 40, settings: { temperature: 1, topK: 40, seed: 4 } },
  { why: "top-k of more than there are", width: 40, settings: { temperature: 1, topK: 4000, seed: 4 } },
  { why: "top-k past the lanes, so past the list", width: 5003, settings: { temperature: 3, topK: 2500, seed: 5 } },
  { why: "top-p", width: 5003, settings: { temperature: 0.8, topP: 0.9, seed: 6 } },
  {
    why: "top-p of a flat row, past the list",
    width: 5003,
    settings: { temperature: 1, topP: 0.95, seed: 7 },
    spread: 0.1,
  },
  { why: "top-p close to 1", width: 2003, settings: { temperature: 1, topP: 0.9999, seed: 8 } },
  { why: "min-p", width: 2003, settings: { temperature: 1.5, minP: 0.05, seed: 9 } },
  { why: "min-p of 1", width: 2003, settings: { temperature: 1, minP: 1, seed: 10 } },
  { why: "all three", width: 5003, settings: { temperature: 1.2, topK: 100, topP: 0.9, minP: 0.02, seed: 11 } },
  { why: "a seed past 32 bits, and below 0", width: 300, settings: { temperature: 1, seed: -(2 ** 40) - 5 } },
  { why: "SmolLM2", width: 49_152, settings: { temperature: 0.7, topK: 50, topP: 0.95, seed: 12 }, draws: 4 },
  { why: "Qwen2.5", width: 151_936, settings: { temperature: 0.7, topK: 20, topP: 0.8, seed: 13 }, draws: 3 },
  { why: "Qwen2.5, top-p alone", width: 151_936, settings: { temperature: 0.7, topP: 0.8, seed: 14 }, draws: 3 },
];

test.each(pickCases)(
  "sample picks as the reference does: $why",
  async ({ width, settings, spread = 4, draws = 40 }) => {
    const logits = randomFloats(width, width + 1, spread);
    const tokens = await draw(logits, settings, draws);
    for (const [index, token] of tokens.entries()) {
      const { token: expected, scores } = sampleReference(logits, settings, index + 1);
      // Only a tie to f32 may fall the other way; a token that was filtered out scores minus infinity.
      expect(scores[token], `draw ${index}: ${token} for ${expected}`).toBeGreaterThanOrEqual(scores[expected]! - 2e-5);
    }
  },
);

const rowsCases: { why: string; settings: SampleSettings }[] = [
  { why: "greedy", settings: {} },
  { why: "all filters", settings: { temperature: 1.2, topK: 100, topP: 0.9, minP: 0.02, seed: 11 } },
];

test.each(rowsCases)("sampleRows draws from each row what sample would at its place: $why", async ({ settings }) => {
  const [rows, count, width, position] = [5, 4, 2003, 17];
  const logits = randomFloats(rows * width, 3, 4);
  const inputs = { settings: await upload(sampleSettings(settings), [8]), tokens: await empty([rows], "u32") };
  const step = await upload(Uint32Array.of(position, count), [2]);
  const all = sampleRows({ ...inputs, logits: await upload(logits, [rows, width]), step });
  const tokens = [...(await runToArray(all, inputs.tokens))];
  for (let row = 0; row < count; row++) {
    const token = await empty([1], "u32");
    const alone = sample({
      ...inputs,
      logits: await upload(logits.slice(row * width, (row + 1) * width), [1, width]),
      step: await upload(Uint32Array.of(position + row, 1), [2]),
      token,
    });
    expect(tokens[row], `row ${row}`).toBe((await runToArray(alone, token))[0]);
  }
  expect(tokens[count], "past count").toBe(0);
});

test("sampleRows says which shapes it needs", () => {
  const inputs = { logits: tensor("l", [3, 9]), settings: tensor("s", [8], "u32"), step: tensor("p", [2], "u32") };
  expect(() => sampleRows({ ...inputs, tokens: tensor("t", [2], "u32") })).toThrow(
    "sampleRows: logits are [3,9], tokens [2] and settings [8]; they must be [T,V] with T from 1 to 65535, [T] and [8].",
  );
});

test("sample draws in proportion to probability", async () => {
  const probabilities = [0.4, 0.3, 0.15, 0.1, 0.04, 0.01];
  const draws = 1500;
  const tokens = await draw(logsOf(...probabilities), { temperature: 1, seed: 99 }, draws);
  expect(chiSquare(tokens, probabilities)).toBeLessThan(25.7); // 5 degrees of freedom: exceeded once in 10,000
});

test("sample draws in proportion among many equal tokens, where noise must be fine", async () => {
  const tokens = await draw(new Float32Array(20_011), { temperature: 1, seed: 5 }, 300);
  const quarters = tokens.map((token) => Math.floor(token / 5003));
  expect(chiSquare(quarters, [0.25, 0.25, 0.25, 0.25])).toBeLessThan(21.1); // 3 degrees of freedom
  expect(new Set(tokens).size).toBeGreaterThan(285); // a few repeats are due, 300² / (2 · 20,011)
});

test("sample applies temperature to probabilities", async () => {
  const squares = [0.64, 0.32, 0.04].map((weight) => weight ** 2);
  const total = squares.reduce((sum, weight) => sum + weight);
  const tokens = await draw(logsOf(0.64, 0.32, 0.04), { temperature: 0.5, seed: 3 }, 800);
  expect(
    chiSquare(
      tokens,
      squares.map((weight) => weight / total),
    ),
  ).toBeLessThan(18.4); // 2 degrees of freedom
});

const keptCases: { why: string; logits: Float32Array; settings: SampleSettings; kept: number[] }[] = [
  { why: "top-k keeps k", logits: logsOf(0.1, 0.4, 0.3, 0.2), settings: { topK: 2 }, kept: [1, 2] },
  {
    why: "top-k keeps all that equal the last",
    logits: logsOf(0.2, 0.4, 0.2, 0.2),
    settings: { topK: 2 },
    kept: [0, 1, 2, 3],
  },
  {
    why: "top-k after temperature is the same k",
    logits: logsOf(0.1, 0.4, 0.3, 0.2),
    settings: { topK: 2, temperature: 9 },
    kept: [1, 2],
  },
  {
    why: "top-p stops once p is reached",
    logits: logsOf(0.5, 0.3, 0.15, 0.05),
    settings: { topP: 0.79 },
    kept: [0, 1],
  },
  {
    why: "top-p keeps the token that crosses p",
    logits: logsOf(0.5, 0.3, 0.15, 0.05),
    settings: { topP: 0.81 },
    kept: [0, 1, 2],
  },
  { why: "top-p of 0 keeps one", logits: logsOf(0.2, 0.5, 0.3), settings: { topP: 0 }, kept: [1] },
  {
    why: "top-p counts only what top-k left",
    logits: logsOf(0.4, 0.3, 0.2, 0.1),
    settings: { topK: 2, topP: 0.55 },
    kept: [0],
  },
  {
    why: "top-p after temperature",
    logits: logsOf(0.5, 0.3, 0.15, 0.05),
    settings: { topP: 0.79, temperature: 100 },
    kept: [0, 1, 2, 3],
  },
  {
    why: "min-p is relative to the greatest",
    logits: logsOf(0.5, 0.3, 0.15, 0.05),
    settings: { minP: 0.31 },
    kept: [0, 1],
  },
  { why: "min-p of 1 keeps the greatest", logits: logsOf(0.2, 0.5, 0.3), settings: { minP: 1 }, kept: [1] },
  {
    why: "masked logits are never drawn",
    logits: Float32Array.of(-3.4e38, 0, -3.4e38, 0),
    settings: { temperature: 5 },
    kept: [1, 3],
  },
];

test.each(keptCases)("sample: $why", async ({ logits, settings, kept }) => {
  const tokens = await draw(logits, { temperature: 1, seed: 7, ...settings }, 60);
  expect([...new Set(tokens)].sort()).toEqual(kept);
});

test("temperature 0 and top-k 1 take the greatest logit, the first of equals where greedy", async () => {
  const logits = randomFloats(3001, 5);
  const greatest = logits.indexOf(Math.max(...logits));
  expect(await draw(logits, {}, 2)).toEqual([greatest, greatest]);
  expect(await draw(logits, { temperature: 2, topK: 1, seed: 4 }, 3)).toEqual([greatest, greatest, greatest]);
  expect(await draw(Float32Array.of(1, 3, 3, 2), {}, 1)).toEqual([1]);
});

test("a seed gives its tokens again; other seeds and other places give others", async () => {
  const logits = new Float32Array(1000);
  const first = await draw(logits, { temperature: 1, seed: 1 }, 20);
  expect(await draw(logits, { temperature: 1, seed: 1 }, 20)).toEqual(first);
  expect(await draw(logits, { temperature: 1, seed: 2 }, 20)).not.toEqual(first);
  expect(new Set(first).size).toBeGreaterThan(15);
});

test("one plan serves every setting: only the settings' words change", async () => {
  const logits = randomFloats(50, 5);
  const settings = await upload(sampleSettings(), [8]);
  const token = await empty([1], "u32");
  const step = await upload(Uint32Array.of(0, 1), [2]);
  const dispatches = sample({ logits: await upload(logits, [1, 50]), settings, step, token });
  const greatest = logits.indexOf(Math.max(...logits));
  expect([...(await runToArray(dispatches, token))]).toEqual([greatest]);
  const hot = { temperature: 20, seed: 1 };
  (await testGpu()).buffers.write(settings, sampleSettings(hot));
  expect([...(await runToArray(dispatches, token))]).toEqual([sampleReference(logits, hot, 1).token]);
  expect(sampleReference(logits, hot, 1).token).not.toBe(greatest);
});

test("sampleSettings packs words, and names what is out of range", () => {
  expect([...sampleSettings({ temperature: 1, topK: 40, topP: 0.5, minP: 0.25, seed: 2 ** 32 + 7 })]).toEqual([
    0x3f800000, 40, 0x3f000000, 0x3e800000, 7, 0, 0, 0,
  ]);
  expect([...sampleSettings()]).toEqual([0, 0, 0x3f800000, 0, 0, 0, 0, 0]);
  expect(() => sampleSettings({ temperature: -1 })).toThrow(SampleSettingsError);
  expect(() => sampleSettings({ temperature: -1 })).toThrow(
    "temperature is -1; it must be a number from 0 (greedy) up",
  );
  expect(() => sampleSettings({ temperature: Number.NaN })).toThrow("temperature is NaN");
  expect(() => sampleSettings({ topK: 1.5 })).toThrow("topK is 1.5; it must be a whole number from 0 (off) up.");
  expect(() => sampleSettings({ topP: 1.1 })).toThrow("topP is 1.1; it must be a number from 0 to 1 (off).");
  expect(() => sampleSettings({ minP: -0.1 })).toThrow("minP is -0.1; it must be a number from 0 (off) to 1.");
  expect(() => sampleSettings({ seed: 0.5 })).toThrow("seed is 0.5; it must be a whole number.");
});

test("sample says which shapes it needs", () => {
  const inputs = {
    logits: tensor("logits", [2, 9]),
    settings: tensor("settings", [8], "u32"),
    step: tensor("step", [2], "u32"),
    token: tensor("token", [1], "u32"),
  };
  expect(() => sample(inputs)).toThrow("logits are [2,9] and settings [8]; they must be [1,V] and [8]");
});

function chiSquare(draws: readonly number[], probabilities: readonly number[]): number {
  const counts = probabilities.map((_, token) => draws.filter((drawn) => drawn === token).length);
  return probabilities.reduce(
    (sum, p, token) => sum + (counts[token]! - p * draws.length) ** 2 / (p * draws.length),
    0,
  );
}

const steps = [
  { why: "after a prefill of five", step: [0, 5], ids: [3, 1, 4, 1, 5], history: [3, 1, 4, 1, 5, 0, 0], place: 5 },
  { why: "after a decode step", step: [5, 1], ids: [9], history: [3, 1, 4, 1, 5, 9, 0], place: 6 },
  { why: "the last place of the history", step: [3, 1], ids: [9], history: [3, 1, 4, 9, 0], place: 4 },
  {
    why: "past the end, where history must not be written",
    step: [4, 1],
    ids: [9],
    history: [3, 1, 4, 9, 7],
    place: 5,
  },
];

test.each(steps)("sample closes a step, $why", async ({ step, ids, history, place }) => {
  const logits = new Float32Array(43);
  logits[42] = 9;
  const target = {
    step: await upload(Uint32Array.from(step), [2]),
    ids: await upload(Uint32Array.from(ids), [ids.length]),
    history: await upload(Uint32Array.from(history), [history.length]),
  };
  const settings = await upload(sampleSettings({ temperature: 0 }), [8]);
  const moved = await runToArray(sample({ logits: await upload(logits, [1, 43]), settings, ...target }), target.step);
  const { buffers } = await testGpu();
  expect([...moved]).toEqual([place, 1]);
  expect([...(await buffers.read(target.ids))]).toEqual([42, ...ids.slice(1)]);
  expect([...(await buffers.read(target.history))]).toEqual(history.map((old, at) => (at === place ? 42 : old)));
});
