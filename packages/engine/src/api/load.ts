import { type Gpu, KV_FORMS, type KvForm, type Matrix, openGpu, type TensorRef } from "@alambic/kernels";
import type { Parameter } from "../graph/graph.js";
import { compileAhead } from "../runtime/compile-ahead.js";
import { cacheShapeOf } from "../runtime/kv-cache.js";
import { LoadedModel } from "../runtime/loaded-model.js";
import { LoadedWeights } from "../runtime/loaded-weights.js";
import { loweringsOf } from "../runtime/lowerings.js";
import { mergeAsLoaded } from "../runtime/merge-as-loaded.js";
import { tuneModel } from "../runtime/tune-model.js";
import type { TuningCache } from "../runtime/tuning.js";
import { ModelText } from "../text/model-text.js";
import type { readSentenceConfig, SentenceConfig } from "../text/sentence-config.js";
import type { PackedReadOptions } from "../weights/packed/read.js";
import { Scratch } from "../weights/slices.js";
import { uploadMatrix, uploadVector } from "../weights/upload.js";
import { type OpenedModel, openModel, quantizeOf } from "./inspect.js";
import { PhaseClock } from "./load-phases.js";
import { describedMatrix, filesOf, inFileOrder, weightBytes } from "./opened-parameters.js";
import type { Packing, PackingOptions } from "./pack.js";
import type {
  EmbeddingInfo,
  LoadOptions,
  LoadReport,
  ModelInfo,
  ModelSource,
  Precision,
  Progress,
  Quantize,
} from "./types.js";

/** A context that was not asked for takes no more than this, whatever the model was made for. */
const DEFAULT_CONTEXT = 4096;

let sharedGpu: Promise<Gpu> | undefined;

/** The device of models that were loaded without one: one for all of them, or the one in its place when it was lost. */
export async function defaultGpu(): Promise<Gpu> {
  sharedGpu ??= openGpu();
  const opening = sharedGpu;
  try {
    return await (await opening).live();
  } catch (error) {
    if (sharedGpu === opening) sharedGpu = undefined;
    throw error;
  }
}

/** What a `Model` is made of. */
export interface ModelParts {
  readonly info: ModelInfo;
  readonly report: LoadReport;
  readonly loaded: LoadedModel;
  /** Loads the same once more, for a device that takes the place of a lost one. */
  readonly reload: (gpu: Gpu) => Promise<LoadedModel>;
  readonly text: ModelText;
  /** Of an encoder. */
  readonly sentence?: SentenceConfig | undefined;
}

/** What cannot cross to a worker. */
export interface LocalLoadOptions extends LoadOptions {
  readonly gpu?: Gpu;
  /** Where choices of kernels are kept from load to load. Default: the user's cache folder, or the browser's Cache Storage. */
  readonly tuningCache?: TuningCache;
}

/** What `Model.load` does, apart from the class: reads the headers, chooses kernels, and streams weights while kernels compile. */
export async function loadModel(source: ModelSource, options: LocalLoadOptions): Promise<ModelParts> {
  const { quantize = "none", precision = "exact", onProgress, signal } = options;
  const kv = chooseKv(options.kv, precision);
  const started = performance.now();
  const clock = new PhaseClock();
  const report = (phase: Progress["phase"], loaded = 0, total = 0) => onProgress?.({ phase, loaded, total });
  signal?.throwIfAborted();
  report("headers");
  const opened = await openModel(source, signal, options);
  const { kind, context, hidden } = opened.architecture;
  const [gpu, text, sentence, lowerings] = await Promise.all([
    options.gpu?.live() ?? defaultGpu(),
    ModelText.read(opened.source, opened.config, signal),
    kind === "encoder" ? sentenceConfig(opened.source, context, signal) : undefined,
    loweringsOf(opened.graph),
  ]);

  const contextLength = chooseContext(options.contextLength, context);
  const ahead = {
    ...opened,
    lowerings,
    cacheShape: cacheShapeOf(opened.graph, kv),
    contextLength,
    matrixOf: (parameter: Parameter) => describedMatrix(gpu, opened, parameter, quantize),
  };
  clock.enter("tune");
  // Before anything else runs on the device, which would disturb the timing.
  const { layouts, outcome } = await tuneModel(gpu, ahead, {
    mode: options.tune,
    precision,
    cache: options.tuningCache,
    signal,
    onProgress: (done, problems) => report("tune", done, problems),
  });
  signal?.throwIfAborted();
  clock.enter("weights");
  const failed = new AbortController();
  const ended = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const compile = () => compileAhead(gpu, ahead, layouts, ended);
  // A software adapter compiles on the cores that the weights pass through: there it only would hold them up.
  const compiling = gpu.adapter.kind === "gpu" ? compile() : undefined;
  compiling?.catch(() => {}); // awaited below; a load that fails or is aborted before is told first
  const files = filesOf(opened);
  const parameters = inFileOrder(opened);
  const { matrixOf } = ahead;
  const packing = await openPacking(gpu, opened, {
    quantize,
    cache: options.cache,
    files,
    parameters,
    matrixOf,
    signal,
  });
  const weights = new LoadedWeights(gpu.buffers, contextLength);
  const total = packing?.found ? packing.bytes : weightBytes(opened);
  let loaded = 0;
  report("weights", 0, total);
  const onBytes = (bytes: number) => {
    loaded += bytes;
    report("weights", Math.min(loaded, total), total);
  };
  let kept: Promise<void> | undefined;
  try {
    const fromPacked = packing?.found && (await loadPacked(gpu, opened, weights, packing, { signal, onBytes }));
    if (!fromPacked) {
      kept = opened.source.keep?.(files, { signal: ended });
      kept?.catch(() => {}); // awaited below; reads of what does not come fail before
      const loadedOne = mergeAsLoaded(gpu, weights, opened);
      const scratch = new Scratch();
      for (const parameter of parameters) {
        signal?.throwIfAborted();
        const value = await upload(gpu, opened, parameter, weights, { quantize, signal, onBytes, scratch });
        await packing?.add(parameter, value);
        loadedOne(parameter);
      }
      await kept;
      await packing?.finish();
    }
    await gpu.buffers.settled();
    report("compile", total, total);
    clock.enter("compile");
    await (compiling ?? compile());
    signal?.throwIfAborted();
    gpu.assertHealthy();
  } catch (error) {
    failed.abort();
    weights.dispose();
    await Promise.all([packing?.discard(), kept?.catch(() => {})]); // what has arrived is put away for the next time
    throw error;
  }
  report("ready", total, total);
  const { architecture, graph, output, inspection } = opened;
  const model = new LoadedModel(gpu, architecture, { graph, output, lowerings }, weights, contextLength, layouts, kv);
  const info = {
    ...inspection,
    name: nameOf(opened),
    quantize,
    precision,
    kv,
    contextLength,
    gpuBytes: weights.bytes,
    loadMs: performance.now() - started,
    adapter: gpu.adapter,
    ...trafficOf(opened, packing),
    ...(sentence && { embedding: embeddingInfo(sentence, hidden, contextLength) }),
    text: text.hasTokenizer,
    chat: text.hasChat,
  };
  const reload = async (again: Gpu) => {
    report("recover");
    const { signal: _, ...rest } = options; // the load that it stopped is over
    return (await loadModel(source, { ...rest, gpu: again })).loaded;
  };
  return { info, report: { ...outcome, phasesMs: clock.end() }, loaded: model, reload, text, sentence };
}

export function embeddingInfo(sentence: SentenceConfig, dimensions: number, contextLength: number): EmbeddingInfo {
  const { pooling, normalize, maxTokens } = sentence;
  return { dimensions, pooling, normalize, maxTokens: Math.min(maxTokens, contextLength) };
}

/** Its code comes with the first encoder. */
async function sentenceConfig(...question: Parameters<typeof readSentenceConfig>): Promise<SentenceConfig> {
  const { readSentenceConfig } = await import("../text/sentence-config.js");
  return readSentenceConfig(...question);
}

interface UploadContext {
  readonly quantize: Quantize;
  readonly signal: AbortSignal | undefined;
  readonly onBytes: (bytes: number) => void;
  readonly scratch: Scratch;
}

async function upload(
  gpu: Gpu,
  { checkpoint, describe }: OpenedModel,
  parameter: Parameter,
  weights: LoadedWeights,
  context: UploadContext,
): Promise<Matrix | TensorRef> {
  const { name, kind, shape } = parameter;
  const { quantize, ...rest } = context;
  const { signal, onBytes } = rest;
  if (kind === "vector") {
    const vector = await uploadVector(gpu, checkpoint, name, shape[0]!, { signal, onBytes });
    weights.setVector(name, vector);
    return vector;
  }
  const options = { quantize: quantizeOf(parameter, quantize), ...rest };
  const descriptions = describe(parameter);
  const matrix = parameter.experts
    ? await (await import("../weights/upload-experts.js")).uploadExperts(
        gpu,
        checkpoint,
        parameter,
        descriptions,
        options,
      )
    : await uploadMatrix(gpu, checkpoint, descriptions[0], options);
  weights.setMatrix(name, matrix);
  return matrix;
}

/** Its code comes with the first model that is quantised. */
async function openPacking(gpu: Gpu, opened: OpenedModel, options: PackingOptions): Promise<Packing | undefined> {
  if (options.quantize === "none" || options.cache === false) return undefined;
  const { Packing } = await import("./pack.js");
  return Packing.open(gpu, opened, options);
}

/** `false`, with nothing left on the GPU, when what was kept is damaged. */
async function loadPacked(
  gpu: Gpu,
  opened: OpenedModel,
  weights: LoadedWeights,
  packing: Packing,
  options: PackedReadOptions,
): Promise<boolean> {
  const loadedOne = mergeAsLoaded(gpu, weights, opened);
  const whole = await packing.read((parameter, value) => {
    if ("blocks" in value) weights.setMatrix(parameter.name, value);
    else weights.setVector(parameter.name, value);
    loadedOne(parameter);
  }, options);
  if (!whole) weights.dispose();
  return whole;
}

function trafficOf({ source }: OpenedModel, packing: Packing | undefined): Pick<ModelInfo, "traffic"> {
  const { fetched = 0, cached = 0, problem = packing?.problem } = source.traffic ?? {};
  if (!source.traffic && !packing) return {};
  return { traffic: { fetched, cached: cached + (packing?.reused ?? 0), problem } };
}

export function chooseKv(asked: KvForm | undefined, precision: Precision): KvForm {
  if (asked !== undefined && !KV_FORMS.includes(asked))
    throw new RangeError(`kv is ${JSON.stringify(asked)}; it must be f32, f16 or int8.`);
  return asked ?? (precision === "exact" ? "f32" : "f16");
}

export function chooseContext(asked: number | undefined, made: number): number {
  if (asked === undefined) return Math.min(made, DEFAULT_CONTEXT);
  if (!Number.isInteger(asked) || asked < 2)
    throw new RangeError(`contextLength is ${asked}; it must be a whole number of at least 2.`);
  return Math.min(asked, made);
}

function nameOf({ source }: OpenedModel): string {
  return (
    source.name
      .replace(/[/\\]+$/, "")
      .split(/[/\\]/)
      .at(-1) ?? source.name
  );
}
