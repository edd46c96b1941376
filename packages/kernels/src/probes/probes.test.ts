import { expect, test } from "vitest";
import { tensor } from "../dispatch.js";
import { empty, freeBuffersAfterAll, runToArray, testGpu, upload } from "../testing/gpu.js";
import { randomWords } from "../testing/random.js";
import { emptyDispatch } from "./empty-dispatch.js";
import { fillRamp } from "./fill-ramp.js";
import { fma, fmaOutcome, MAX_FMA_ROUNDS } from "./fma.js";
import { measureRoofline, ProbeError } from "./measure-roofline.js";
import { readBandwidth } from "./read-bandwidth.js";

freeBuffersAfterAll();

test.each([
  { why: "smallest", count: 4, lanes: 1 },
  { why: "more lanes than there is to read", count: 40, lanes: 700 },
  { why: "a ragged end past the unrolled loop", count: 4 * 9973, lanes: 300 },
  { why: "many workgroups", count: 1 << 18, lanes: 4096 },
])("readBandwidth sums every word: $why ($count words, $lanes lanes)", async ({ count, lanes }) => {
  const data = randomWords(count, count);
  const sums = await empty([lanes], "u32");
  const found = await runToArray(readBandwidth({ words: await upload(data, [count]), sums }), sums);
  const sum = (values: Uint32Array) => values.reduce((total, value) => (total + value) >>> 0, 0);
  expect(sum(found as Uint32Array)).toBe(sum(data));
});

test.each([1, 63, 10_007])("fillRamp counts to %i", async (count) => {
  const words = await empty([count], "u32");
  expect(await runToArray(fillRamp(words), words)).toEqual(Uint32Array.from({ length: count }, (_, i) => i));
});

test.each([1, 3, 1000])("fma counts %i rounds exactly", async (rounds) => {
  const y = await empty([300]);
  expect([...(await runToArray(fma({ y, rounds }), y))]).toEqual(new Array(300).fill(fmaOutcome(rounds)));
});

test("emptyDispatch: each of a chain reads what the last wrote", async () => {
  const value = await empty([1], "u32");
  const one = emptyDispatch(value);
  expect([...(await runToArray(new Array(100).fill(one), value))]).toEqual([100]);
});

test("probes say what they take", () => {
  const sums = tensor("sums", [1], "u32");
  expect(() => readBandwidth({ words: tensor("words", [6], "u32"), sums })).toThrow("it takes a multiple of 4 words");
  expect(() => fma({ y: sums, rounds: MAX_FMA_ROUNDS + 1 })).toThrow("131073 rounds; from 1 to 131072 are counted");
  expect(Math.fround(fmaOutcome(MAX_FMA_ROUNDS))).toBe(fmaOutcome(MAX_FMA_ROUNDS));
});

test("measureRoofline gives positive figures and its memory back", async () => {
  const gpu = await testGpu();
  const before = gpu.buffers.bytes;
  const start = performance.now();
  const { clock, ...figures } = await measureRoofline(gpu);
  console.info(`${JSON.stringify(figures)} by ${clock} in ${Math.round(performance.now() - start)} ms`);
  expect(["timestamps", "wall"]).toContain(clock);
  for (const [name, figure] of Object.entries(figures)) {
    expect(Number.isFinite(figure) && figure > 0, `${name}: ${figure}`).toBe(true);
  }
  expect(gpu.buffers.bytes).toBe(before);
});

test("measureRoofline gives no figure for an output that is wrong", async () => {
  const gpu = await testGpu();
  // A device that loses every write of the host's reads: each value comes back as 1.
  const buffers = new Proxy(gpu.buffers, {
    get(target, key) {
      if (key === "read") return async () => Uint32Array.of(1);
      const value = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const faulty = new Proxy(gpu, {
    get: (target, key) => (key === "buffers" ? buffers : Reflect.get(target, key, target)),
  });
  const outcome = measureRoofline(faulty);
  await expect(outcome).rejects.toThrow(ProbeError);
  await expect(outcome).rejects.toThrow("The read probe is wrong on this adapter: 4 MiB summed to 1, not");
});
