import {
  type Gpu,
  groupWordsPerRow,
  type Matrix,
  type MatrixBlock,
  type MatrixForm,
  matrixBytes,
  matrixTensors,
  ShapeError,
  tensor,
  wordsPerRow,
} from "@alambic/kernels";
import { Graph, type Node, type Parameter } from "../graph/graph.js";
import type { RawConfig } from "../models/config.js";
import type { Architecture } from "../models/family.js";
import { loadFamily } from "../models/registry.js";
import { cacheShapeOf, kvBytesPer1k } from "../runtime/kv-cache.js";
import { LoadedModel } from "../runtime/loaded-model.js";
import { LoadedWeights } from "../runtime/loaded-weights.js";
import { loweringsOf } from "../runtime/lowerings.js";
import { mergeAsLoaded } from "../runtime/merge-as-loaded.js";
import { tuneModel } from "../runtime/tune-model.js";
import type { TuningCache } from "../runtime/tuning.js";
import { ModelText } from "../text/model-text.js";
import { plainSentence } from "../text/sentence-config.js";
import { placedMatrix } from "../weights/experts.js";
import { written } from "../weights/staging.js";
import { countParameters, quantizeOf } from "./inspect.js";
import { chooseContext, chooseKv, defaultGpu, embeddingInfo } from "./load.js";
import { PhaseClock } from "./load-phases.js";
import { Model } from "./model.js";
import type { Inspection, LoadOptions, Quantize } from "./types.js";

export interface SyntheticOptions
  extends Pick<LoadOptions, "quantize" | "precision" | "kv" | "contextLength" | "signal" | "tune"> {
  readonly gpu?: Gpu;
  readonly tuningCache?: TuningCache;
  /** The same seed gives the same weights. Default 1. */
  readonly seed?: number;
}

/**
 * A model of a config's shape whose weights are random: for measuring speed where there is no checkpoint. It answers with
 * token ids that mean nothing, always the same for one seed. There is no tokenizer. Weights are spread like those
 * of a freshly initialised model, so that nothing overflows however deep it is; `none` makes them bf16.
 *
 * @param config - What a `config.json` would hold.
 * @throws {@link ConfigError} for a config that no family understands, {@link ShapeError} when a width is no multiple
 *   of 8, `OutOfMemoryError`, or the signal's reason; whatever was allocated is given back.
 */
export async function syntheticModel(config: RawConfig, options: SyntheticOptions = {}): Promise<Model> {
  const { quantize = "none", precision = "exact", seed = 1, signal } = options;
  const kv = chooseKv(options.kv, precision);
  const started = performance.now();
  const clock = new PhaseClock();
  const { architecture, graph, output, inspection } = await describe(config);
  const gpu = await (options.gpu?.live() ?? defaultGpu());
  const contextLength = chooseContext(options.contextLength, architecture.context);
  const lowerings = await loweringsOf(graph);
  const ahead = {
    graph,
    output,
    lowerings,
    architecture,
    cacheShape: cacheShapeOf(graph, kv),
    contextLength,
    matrixOf: (parameter: Parameter) => matrixOf(parameter, quantize, gpu.largestBinding),
  };
  clock.enter("tune");
  const { layouts, outcome } = await tuneModel(gpu, ahead, {
    mode: options.tune,
    precision,
    cache: options.tuningCache,
    signal,
    onProgress: () => {},
  });
  clock.enter("weights");
  const weights = new LoadedWeights(gpu.buffers, contextLength);
  const random = xorshift(seed);
  try {
    const loadedOne = mergeAsLoaded(gpu, weights, { graph, output });
    for (const parameter of graph.parameters.values()) {
      if (parameter.kind === "vector") {
        const [length = 0] = parameter.shape;
        const vector = tensor(parameter.name, [length]);
        gpu.buffers.allocate(vector);
        weights.setVector(parameter.name, vector);
        // A norm's weight is 1 and a bias small, as training begins.
        gpu.buffers.write(vector, new Float32Array(length).fill(/bias$/.test(parameter.name) ? 0.01 : 1));
      } else {
        const made = matrixOf(parameter, quantize, gpu.largestBinding);
        gpu.buffers.allocate(...matrixTensors(made));
        weights.setMatrix(parameter.name, made);
        await gpu.buffers.settled(); // before gigabytes are written into what may not be there
        await fill(gpu, made, random, signal);
      }
      loadedOne(parameter);
    }
    await gpu.buffers.settled();
    gpu.assertHealthy();
  } catch (error) {
    weights.dispose();
    throw error;
  }
  const model = new LoadedModel(gpu, architecture, { graph, output, lowerings }, weights, contextLength, layouts, kv);
  const sentence = architecture.kind === "encoder" ? plainSentence(contextLength) : undefined;
  const info = {
    ...inspection,
    name: `synthetic ${inspection.family}`,
    quantize,
    precision,
    kv,
    contextLength,
    gpuBytes: weights.bytes,
    loadMs: performance.now() - started,
    adapter: gpu.adapter,
    ...(sentence && { embedding: embeddingInfo(sentence, architecture.hidden, contextLength) }),
    text: false,
    chat: false,
  } as const;
  const reload = async (again: Gpu) => {
    const { signal: _, ...rest } = options;
    return (await syntheticModel(config, { ...rest, gpu: again })).loaded;
  };
  const text = new ModelText(info.name, { endTokens: [] });
  return new Model({ info, report: { ...outcome, phasesMs: clock.end() }, loaded: model, reload, text, sentence });
}

/**
 * What `syntheticModel` would make of a config, without making it.
 *
 * @throws {@link ConfigError} for a config that no family understands.
 */
export async function inspectSynthetic(config: RawConfig): Promise<Inspection> {
  return (await describe(config)).inspection;
}

interface Described {
  readonly architecture: Architecture;
  readonly graph: Graph;
  readonly output: Node;
  readonly inspection: Inspection;
}

async function describe(config: RawConfig): Promise<Described> {
  const { name: family, architecture } = await loadFamily(config);
  const graph = new Graph();
  const output = architecture.forward(graph, graph.tokens());
  const parameters = [...graph.parameters.values()];
  const bytes = (quantize: Quantize) =>
    parameters.reduce(
      (sum, parameter) =>
        sum +
        (parameter.kind === "vector"
          ? 4 * parameter.shape[0]!
          : matrixBytes(matrixOf(parameter, quantize, Number.MAX_SAFE_INTEGER))),
      0,
    );
  const inspection: Inspection = {
    family,
    context: architecture.context,
    parameters: countParameters(parameters),
    bytes: { disk: 0, none: bytes("none"), int8: bytes("int8"), int4: bytes("int4") },
    kvBytesPer1k: kvBytesPer1k(graph),
    layers: architecture.layers,
    vocabulary: architecture.vocabulary,
  };
  return { architecture, graph, output, inspection };
}

function matrixOf(parameter: Parameter, quantize: Quantize, largest: number): Matrix {
  const [n, k] = parameter.shape as [number, number];
  if (k % 8 !== 0) {
    throw new ShapeError(
      `${parameter.name} is [${n}, ${k}]; random weights need rows of a multiple of 8. Change the config's widths.`,
    );
  }
  const kind = quantizeOf(parameter, quantize);
  const form: MatrixForm = kind === "none" ? { kind: "bf16" } : { kind, groupSize: 64, groupType: "f16" };
  return placedMatrix(parameter, form, largest);
}

/** Host memory of one slice, in words. */
const SLICE_WORDS = 2 ** 20;

type Random = (words: Uint32Array) => void;

/** Numbers with mean 0 and variance 1 / K, so that a product with them neither grows nor shrinks. */
async function fill(gpu: Gpu, { shape: [, k], form, blocks }: Matrix, random: Random, signal?: AbortSignal) {
  const deviation = 1 / Math.sqrt(k);
  for (const block of blocks) {
    const words = block.rows * wordsPerRow(k, form);
    for (let at = 0; at < words; at += SLICE_WORDS) {
      const slice = new Uint32Array(Math.min(SLICE_WORDS, words - at));
      random(slice);
      if (form.kind === "bf16") toBf16(slice, deviation);
      gpu.buffers.write(block.values, slice, 4 * at);
      await written(gpu, slice.byteLength, signal);
    }
    if (form.kind === "int4" || form.kind === "int8") fillGroups(gpu, block, k, form, deviation);
  }
}

function fillGroups(gpu: Gpu, { groups, rows }: MatrixBlock, k: number, form: MatrixForm, deviation: number): void {
  const levels = form.kind === "int4" ? 16 : 256;
  // Integers from 0 to levels - 1, all as likely, deviate by this much from their mean, (levels - 1) / 2.
  const scale = deviation / Math.sqrt((levels ** 2 - 1) / 12);
  const word = f16Bits(scale) | (f16Bits((-scale * (levels - 1)) / 2) << 16);
  gpu.buffers.write(groups!, new Uint32Array(rows * groupWordsPerRow(k, form)).fill(word));
}

/** Turns random bits into two bf16 a word, each the sum of two 5-bit numbers: a triangle, near enough to a bell. */
function toBf16(words: Uint32Array, deviation: number): void {
  const table = Uint16Array.from({ length: 1024 }, (_, index) => {
    const [sum, most] = [(index % 32) + Math.floor(index / 32), 62];
    return bf16Bits((deviation * (sum - most / 2)) / Math.sqrt((2 * (32 ** 2 - 1)) / 12));
  });
  for (let i = 0; i < words.length; i++) {
    const bits = words[i]!;
    words[i] = table[bits & 1023]! | (table[(bits >>> 10) & 1023]! << 16);
  }
}

function bf16Bits(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0]! >>> 16;
}

/** A normal f16 number, cut to its 10 bits of fraction. */
function f16Bits(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0]!;
  const exponent = ((bits >>> 23) & 0xff) - 127 + 15;
  if (exponent < 1 || exponent > 30) throw new RangeError(`${value} is no normal f16 number`);
  return ((bits >>> 16) & 0x8000) | (exponent << 10) | ((bits >>> 13) & 0x3ff);
}

/** Marsaglia's xorshift, 32 bits: fast, and random enough for weights that mean nothing. */
function xorshift(seed: number): Random {
  let state = (Math.imul(seed, 0x9e3779b9) ^ 0x6d2b79f5) >>> 0 || 1;
  return (words) => {
    for (let i = 0; i < words.length; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      words[i] = state;
    }
  };
}
