import { expect, test } from "vitest";
import { type Dispatch, tensor } from "../dispatch.js";
import { type KvForm, kvRowWords } from "../kv-form.js";
import { attentionPartials } from "../ops/attention/attention-decode.js";
import { freeBuffersAfterAll, testGpu } from "../testing/gpu.js";
import { chosenVariant, type HotAttention, PLAIN, problemKey, variantsOf } from "./hot-op.js";
import { type Candidate, fingerprintOf, type Trial, trialOf } from "./trial.js";
import { tune } from "./tune.js";

freeBuffersAfterAll();

const PATIENT = { budgetMs: 100_000 };

interface Heads {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly kv?: KvForm;
  readonly window?: number;
  readonly softcap?: number;
}

function inputsOf({ heads, kvHeads, headDim, kv = "f32", ...rest }: Heads, rows: number) {
  const capacity = 256; // a model's cache at its start: the trial has one of its own
  const cache = () => tensor("cache", [kvHeads, capacity, kvRowWords(kv, headDim)], kv === "f32" ? "f32" : "u32");
  const queries = () => tensor("q", [rows, heads, headDim]);
  const step = tensor("step", [2], "u32");
  return { step, q: queries(), keys: cache(), values: cache(), y: queries(), kv, scale: headDim ** -0.5, ...rest };
}

function decodeOf(of: Heads): HotAttention {
  const partials = tensor("partials", attentionPartials({ ...of, capacity: 256 }));
  return { op: "attentionDecode", inputs: { ...inputsOf(of, 1), partials } };
}

const prefillOf = (of: Heads): HotAttention => ({ op: "attentionPrefill", inputs: inputsOf(of, 37) });

const smol: Heads = { heads: 9, kvHeads: 3, headDim: 64 };

// Compiling takes longer than running on a software adapter, so each head size tries some.
test.each([
  { problem: decodeOf(smol), variants: ["split-64x4", "split-128x4", "scores"] },
  { problem: decodeOf({ heads: 5, kvHeads: 1, headDim: 80, kv: "f16" }), variants: ["split-256x2"] },
  { problem: decodeOf({ heads: 7, kvHeads: 1, headDim: 128, kv: "int8" }), variants: ["split-64x1"] },
  { problem: decodeOf({ heads: 2, kvHeads: 2, headDim: 256, window: 333 }), variants: ["split-128x4"] },
  { problem: prefillOf(smol), variants: ["tile-32x32"] },
  { problem: prefillOf({ heads: 5, kvHeads: 1, headDim: 80, kv: "f16" }), variants: ["tile-16x16"] },
])("$variants pass the gate of $problem.op", async ({ problem, variants }) => {
  const gpu = await testGpu();
  const before = gpu.buffers.bytes;
  const all = trialOf(problem, "gpu");
  const candidates = all.candidates.filter(({ variant }) => variants.includes(variant));
  expect(candidates).toHaveLength(variants.length);
  const { choices, dropped } = await tune(gpu, [{ ...all, candidates }], PATIENT);
  expect(dropped).toEqual([]);
  expect(variants).toContain(choices[problemKey(problem)]);
  expect(chosenVariant(choices, problem)).toBe(choices[problemKey(problem)]);
  expect(gpu.buffers.bytes).toBe(before);
});

/** A variant with some of the WGSL of its dispatches replaced. */
function injected(trial: Trial, variant: string, from: string, to: string): Candidate {
  const right = trial.candidates.find((candidate) => candidate.variant === variant)!;
  let found = false;
  const dispatches = right.dispatches.map((dispatch): Dispatch => {
    const parts = dispatch.kernel.parts.map((part) => {
      found ||= part.wgsl.includes(from);
      return { ...part, wgsl: part.wgsl.replace(from, to) };
    });
    return { ...dispatch, kernel: { ...dispatch.kernel, parts } };
  });
  expect(found, from).toBe(true);
  return { variant: "wrong", dispatches };
}

const DISAGREES =
  /^disagrees with the plain kernel: normalised squared error (\S+), at most 1e-11 is exact, at position (\d+)$/;

interface Wrong {
  readonly why: string;
  readonly problem: HotAttention;
  readonly variant: string;
  readonly from: string;
  readonly to: string;
  readonly atLeast: number;
  readonly below?: number;
  readonly position?: number;
}

const wrong: Wrong[] = [
  {
    why: "sees one key too few",
    problem: decodeOf(smol),
    variant: "split-64x4",
    from: "(seen < vec4u(context))",
    to: "(seen + 1u < vec4u(context))",
    atLeast: 1e-4,
  },
  {
    why: "never brings its splits to one scale",
    problem: decodeOf(smol),
    variant: "split-64x4",
    from: "exp(partials[(head + own) * WIDTH + HEAD_DIM] - greatest)",
    to: "1.0",
    atLeast: 1e-4,
    position: 256, // the first with more than one split
  },
  {
    why: "leaves out the last split",
    problem: decodeOf(smol),
    variant: "split-64x4",
    from: "s < min(LANES, end - chunk)",
    to: "s < min(LANES, end - chunk - min(end - 1u, 1u))",
    atLeast: 1e-4,
    position: 256,
  },
  {
    why: "gives a head the keys of its neighbour",
    problem: decodeOf({ heads: 5, kvHeads: 1, headDim: 80, kv: "f16" }),
    variant: "split-256x2",
    from: "kv_head * GROUP + block * HEADS_AT_ONCE",
    to: "kv_head * GROUP + block",
    atLeast: 1e-2,
  },
  {
    why: "lets a row see the one after it",
    problem: prefillOf(smol),
    variant: "tile-32x32",
    from: "select(vec4u(all), positions + 1u, CAUSAL == 1u)",
    to: "select(vec4u(all), positions + 2u, CAUSAL == 1u)",
    atLeast: 1e-4,
    position: 0,
  },
  // What only a loose bound would let pass.
  {
    why: "rounds weights to f16",
    problem: decodeOf(smol),
    variant: "split-64x4",
    from: "let weight = exp(weights[i] - greatest);",
    to: "let weight = vec4f(quantizeToF16(exp(weights[i] - greatest)));",
    atLeast: 1e-10,
    below: 1e-6,
  },
  {
    why: "rounds queries to f16",
    problem: prefillOf(smol),
    variant: "tile-32x32",
    from: "return q[row * BLOCKS + block];",
    to: "return quantizeToF16(q[row * BLOCKS + block]);",
    atLeast: 1e-10,
    below: 1e-5,
  },
];

test.each(wrong)("a layout of $problem.op that $why is dropped", async (one) => {
  const trial = trialOf(one.problem, "gpu");
  const candidates = [injected(trial, one.variant, one.from, one.to)];
  const { dropped, choices } = await tune(await testGpu(), [{ ...trial, candidates }], PATIENT);
  expect(dropped).toEqual([{ problem: trial.key, variant: "wrong", reason: expect.stringMatching(DISAGREES) }]);
  const [, error, position] = DISAGREES.exec(dropped[0]!.reason)!;
  expect(Number(error)).toBeGreaterThan(one.atLeast);
  expect(Number(error)).toBeLessThan(one.below ?? Number.POSITIVE_INFINITY);
  if (one.position !== undefined) expect(Number(position)).toBe(one.position);
  expect(choices[trial.key]).toBe(PLAIN);
  expect(chosenVariant(choices, one.problem)).toBe(PLAIN);
});

test("problems are known by all that decides, and the capacity of a cache is no part of it", () => {
  expect(problemKey(decodeOf(smol))).toBe("attentionDecode 9/3x64 f32");
  expect(problemKey(decodeOf({ ...smol, kv: "int8", window: 512, softcap: 50 }))).toBe(
    "attentionDecode 9/3x64 int8 window 512 softcap",
  );
  expect(problemKey(prefillOf(smol))).toBe("attentionPrefill 37x9/3x64 f32");
  const { inputs } = prefillOf(smol);
  expect(problemKey({ op: "attentionPrefill", inputs: { ...inputs, causal: false } })).toMatch(/ both ways$/);
  expect(fingerprintOf(trialOf(decodeOf(smol), "gpu"))).not.toBe(
    fingerprintOf(trialOf(decodeOf({ ...smol, headDim: 32 }), "gpu")),
  );
});

test("layouts are those that fit, each once, the default first; the plain one is not timed where it is not the default", () => {
  expect(variantsOf(decodeOf(smol), "gpu")).toEqual([
    ...["split-64x4", "split-64x2", "split-64x1", "split-128x4", "split-128x2", "split-256x2"],
    ...["scores", "rows"],
  ]);
  // Each head has keys of its own, so that there is nothing to share.
  const alone = decodeOf({ heads: 4, kvHeads: 4, headDim: 64 });
  expect(variantsOf(alone, "software")).toEqual(["scores", "split-64x4", "split-128x4", "split-256x2", "rows"]);
  const wide = prefillOf({ heads: 2, kvHeads: 2, headDim: 256 });
  expect(variantsOf(wide, "gpu")).toEqual(["tile-16x8", "rows"]);
  expect(trialOf(wide, "gpu").candidates.map(({ variant }) => variant)).toEqual(["tile-16x8"]);
  expect(variantsOf(wide, "software")).toEqual(["rows", "tile-16x8"]);
  expect(trialOf(wide, "software").candidates.map(({ variant }) => variant)).toEqual(["rows", "tile-16x8"]);
});
