/**
 * The words of the public interface. Everything here can cross `postMessage`, except the abort signal, the progress
 * callback and the model's methods, which the worker forwards: so that an app is the same with a worker and without.
 */
import type { AdapterReport, KvForm } from "@alambic/kernels";
import type { AdapterChoice } from "../adapters/adapters.js";
import type { TuningOutcome } from "../runtime/tuning.js";
import type { CacheEntry, CacheUsage } from "../sources/cache/store.js";
import type { AccessOptions } from "../sources/open.js";
import type { Source, Traffic } from "../sources/source.js";
import type { LoadPhases } from "./load-phases.js";

export type { AccessOptions, CacheEntry, CacheUsage, KvForm, LoadPhases, Traffic, TuningOutcome };

/** A folder (Node), an http(s) URL, a Hub id `owner/name[@revision]`, the files of a dropped folder, or any reader of ranges. */
export type ModelSource = string | URL | readonly File[] | Source;

/** What becomes of bf16, f16 and f32 weights on their way to the GPU. Checkpoints that are already quantised stay as they are. */
export type Quantize = "none" | "int8" | "int4";

/** `exact`: f32 arithmetic and an f32 KV cache, for checks and comparisons. `fast`: an f16 KV cache; arithmetic is f32 still. */
export type Precision = "exact" | "fast";

/**
 * Whether kernels are chosen by trying them on this device. `cached`, the default on a GPU: what is not known from earlier
 * loads is searched for, within 2 seconds. `full`: searched anew, within 10 seconds. `off`, the default on a software
 * adapter, where compiling the candidates costs more than it gains: the adapter's defaults, unchecked.
 */
export type Tune = "off" | "cached" | "full";

export interface Progress {
  /** `recover`: the device was lost, and the load begins anew on another. */
  readonly phase: "recover" | "headers" | "tune" | "weights" | "compile" | "ready";
  /** Bytes of weights read so far; while tuning, problems done. */
  readonly loaded: number;
  /** Bytes of weights in all, or problems; 0 while still unknown. */
  readonly total: number;
}

export interface InspectOptions extends AccessOptions {
  /** Say how the model would run here too: opens the device if need be, and measures it once, which takes about a second. Default false. */
  readonly verdict?: boolean;
  /** Tokens to make room for in the verdict, and how to keep them. Default: as `load` has it. */
  readonly contextLength?: number;
  readonly kv?: KvForm;
  readonly signal?: AbortSignal;
}

export interface LoadOptions extends AccessOptions {
  readonly quantize?: Quantize;
  readonly precision?: Precision;
  /** How keys and values are kept: default f32 for `exact` and f16 for `fast`. int8 takes a quarter of f32's memory. */
  readonly kv?: KvForm;
  /** Tokens a session can hold, prompt and answer together. Default: the model's own, at most 4,096. */
  readonly contextLength?: number;
  readonly tune?: Tune;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

export interface ParameterCounts {
  readonly total: number;
  /** Used for one token: less than the total in a mixture of experts. */
  readonly active: number;
  readonly embedding: number;
  readonly attention: number;
  readonly mlp: number;
  readonly experts: number;
  readonly norm: number;
}

/** What headers alone tell of a checkpoint. */
export interface Inspection {
  readonly family: string;
  /** Tokens the model was made for. */
  readonly context: number;
  readonly parameters: ParameterCounts;
  /** Weights on disk, and on the GPU for each `quantize`. int4 keeps embedding and head at int8, norms and routers at f32. */
  readonly bytes: { readonly disk: number; readonly none: number; readonly int8: number; readonly int4: number };
  /** Keys and values of 1,024 tokens, for each `kv`. */
  readonly kvBytesPer1k: Readonly<Record<KvForm, number>>;
  readonly layers: number;
  readonly vocabulary: number;
  /** How it would run on this device; only if it was asked for. */
  readonly verdict?: Verdict;
}

/** Whether a checkpoint runs on a device, found out before any of it is loaded. */
export interface Verdict {
  /** The `quantize` that keeps the most and fits; `null` where none does. */
  readonly fits: Quantize | null;
  /** The same in a sentence, with both numbers. */
  readonly reason: string;
  /** Bytes on the device for each `quantize`: weights, activations, and the keys and values of one session of `contextLength`. */
  readonly needs: Readonly<Record<Quantize, number>>;
  readonly contextLength: number;
  /** How those are kept. */
  readonly kv: KvForm;
  /** Bytes that a software adapter's machine has left; `undefined` on a GPU, which does not tell: there it is tried. */
  readonly available: number | undefined;
  /** Tokens a second of a short text that the device's own measured limits allow at most; `null` for encoders. */
  readonly tokensPerSecond: Readonly<Record<Quantize, number>> | null;
  /** What was measured: bytes read in 1e9 a second, f32 operations in 1e9 a second, and one dispatch in microseconds. */
  readonly roofline: { readonly readGBs: number; readonly gflops: number; readonly dispatchMicroseconds: number };
  readonly adapter: AdapterReport;
}

/** What a parameter belongs to. An untied output head counts with the embedding. */
export type Section = "embedding" | "attention" | "mlp" | "experts" | "norm";

/** A tensor that a model is made of, as its headers tell. */
export interface ModelTensor {
  /** The name it has in the checkpoint; of a quantised one, what its name would be without. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly section: Section;
  /** Absent outside the layers. */
  readonly layer?: number;
  readonly parameters: number;
  /** In the checkpoint, scales and offsets included. */
  readonly bytes: number;
  /** How its numbers are stored: `bf16`, `f16`, `f32`, `int8`, `int4`. */
  readonly form: string;
  /** Columns that share a scale, where it is quantised. */
  readonly groupSize?: number;
}

/** A checkpoint taken apart, from its headers alone. */
export interface Anatomy {
  readonly inspection: Inspection;
  /** config.json: the hyperparameters, which were chosen and not learned. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Every tensor that the model is made of, in the order in which it uses them. */
  readonly tensors: readonly ModelTensor[];
}

export interface Distribution {
  readonly mean: number;
  readonly deviation: number;
  readonly least: number;
  readonly most: number;
  /** Ends of the histogram: five deviations around the mean, or the extremes where they lie within. */
  readonly low: number;
  readonly high: number;
  /** Values in each of equal bins from `low` to `high`. */
  readonly counts: readonly number[];
}

/** A tensor's numbers as a form of fewer bits keeps them. */
export interface ExaminedForm {
  /** int8 and int4 in groups of 64, by the quantiser that `load` uses. */
  readonly kind: "bf16" | "int8" | "int4";
  /** Of the whole tensor in this form. */
  readonly bytes: number;
  /** Root mean square of the error over that of the numbers. */
  readonly error: number;
  /** Over the same bins as the numbers themselves. */
  readonly counts: readonly number[];
  readonly sample: readonly number[];
}

export interface TensorExamination {
  readonly name: string;
  /** Rows looked at, evenly spread over the tensor. */
  readonly rows: number;
  readonly values: Distribution;
  /** The first numbers of the first row. */
  readonly sample: readonly number[];
  /** None for norms and biases, which stay f32. */
  readonly forms: readonly ExaminedForm[];
  /** What is lost when the smallest numbers are set to zero, by the share of them that is. */
  readonly pruned: readonly { readonly share: number; readonly error: number }[];
}

/** What is loaded, as data. */
export interface ModelInfo extends Inspection {
  readonly name: string;
  readonly quantize: Quantize;
  readonly precision: Precision;
  readonly kv: KvForm;
  /** Tokens a session of this model can hold. */
  readonly contextLength: number;
  /** Bytes of weights on the GPU now. */
  readonly gpuBytes: number;
  readonly loadMs: number;
  /** What came over the network and what from the cache; absent where everything was on this machine. */
  readonly traffic?: Traffic;
  readonly adapter: AdapterReport;
  /** Of an encoder, which gives embeddings and no text. */
  readonly embedding?: EmbeddingInfo;
  /** Whether there is a tokenizer, and a chat template. */
  readonly text: boolean;
  readonly chat: boolean;
}

/** How a text's vector is made of its tokens': their mean, or the first one's, where encoders put `[CLS]`. */
export type Pooling = "mean" | "cls";

/** How an encoder makes its embeddings unless told otherwise. */
export interface EmbeddingInfo {
  readonly dimensions: number;
  readonly pooling: Pooling;
  /** Whether vectors have length 1. */
  readonly normalize: boolean;
  /** Tokens of a text; what is longer is cut. */
  readonly maxTokens: number;
}

export interface EmbedOptions {
  /** Default: what the checkpoint's own files say, and the mean where they say nothing. */
  readonly pooling?: Pooling;
  /** Default: what the checkpoint's own files say, and false where they say nothing. */
  readonly normalize?: boolean;
  /** Give the last hidden state of every token too. */
  readonly hidden?: boolean;
  readonly signal?: AbortSignal;
}

/** One entry a text, in the order of the texts. */
export interface EmbedResult {
  /** The tokens that were read, `[CLS]` and `[SEP]` included. */
  readonly ids: readonly (readonly number[])[];
  /** `[texts][dimensions]`, f32. */
  readonly embeddings: readonly Float32Array[];
  /** `[texts][T][dimensions]`, with `hidden`. */
  readonly lastHiddenState?: readonly (readonly Float32Array[])[];
}

export interface Message {
  readonly role: "system" | "user" | "assistant" | "tool" | (string & {});
  readonly content: string;
}

export interface GenerateOptions {
  /** Default: what the context still holds. */
  readonly maxTokens?: number;
  /** 0, the default, is greedy. */
  readonly temperature?: number;
  /** Keep the k likeliest; 0 keeps all. */
  readonly topK?: number;
  /** Keep the smallest set whose probability reaches p; 1 keeps all. */
  readonly topP?: number;
  /** Keep tokens at least this share of the likeliest one's probability; 0 keeps all. */
  readonly minP?: number;
  /** The same seed gives the same text. Default: a random one. */
  readonly seed?: number;
  /** Go on past the tokens that end an answer: for measurements, which want a fixed number of tokens. */
  readonly ignoreEos?: boolean;
  /**
   * A smaller model that proposes tokens, of which this model keeps what it would have written itself: the same text,
   * sooner where the two often agree. Both must be of one engine and share a tokenizer.
   */
  readonly draft?: ModelHandle;
  /** Texts that end the answer; they are not part of it. */
  readonly stop?: readonly string[];
  readonly signal?: AbortSignal;
}

export type FinishReason = "stop" | "length" | "abort";

export interface Usage {
  readonly promptTokens: number;
  /** Of the prompt, tokens whose keys and values were still in the session's cache. */
  readonly cachedTokens: number;
  readonly completionTokens: number;
}

export interface Timing {
  /** From the call to the first token on the host. */
  readonly timeToFirstTokenMs: number;
  /** Prompt tokens really computed, over the time until the first token. */
  readonly prefillTokensPerSecond: number;
  /** Tokens after the first, over the time from the first to the last; 0 when there was only one. */
  readonly decodeTokensPerSecond: number;
}

/** What a draft was worth so far in an answer. */
export interface DraftFigures {
  /** Tokens that the draft has proposed, and how many of them were accepted. */
  readonly proposed: number;
  readonly accepted: number;
  /** Tokens a second with the draft, over those of the model alone at the answer's beginning. Below 1 it is a loss. */
  readonly speedUp?: number;
}

/** What a draft had to do with a token. */
export interface DraftedToken extends DraftFigures {
  /**
   * `accepted`: proposed by the draft. `corrected`: the model's own, where the draft had proposed another. `added`: the
   * model's own, after proposals that were all accepted. `alone`: from the beginning, which the model decodes by
   * itself so that the gain can be told.
   */
  readonly origin: "accepted" | "corrected" | "added" | "alone";
  /** The token that was corrected. */
  readonly proposal?: number;
}

export interface Chunk {
  readonly text: string;
  readonly ids: readonly number[];
  /** On a chunk without text: the device was lost, and the answer goes on once the weights are on another. */
  readonly recovering?: true;
  /** With a draft, on each chunk that has a token. */
  readonly draft?: DraftedToken;
  /** On the last chunk only, with usage and timing. */
  readonly finishReason?: FinishReason;
  readonly usage?: Usage;
  readonly timing?: Timing;
}

/** A finished answer. */
export interface Generation {
  readonly promptIds: readonly number[];
  readonly ids: readonly number[];
  /** `null` where the checkpoint has no tokenizer. */
  readonly text: string | null;
  readonly finishReason: FinishReason;
  readonly usage: Usage;
  readonly timing: Timing;
  /** Where there was a draft. */
  readonly draft?: DraftFigures;
}

/** An answer under way: iterate over its chunks, or await the whole. Starts at the first of either. */
export interface Answer extends AsyncIterable<Chunk> {
  text(): Promise<string>;
  result(): Promise<Generation>;
}

/** A conversation with its own KV cache. Calls on it queue; sessions of one model interleave. */
export interface SessionHandle {
  chat(messages: readonly Message[], options?: GenerateOptions): Answer;
  /** Continues a raw text, or token ids where there is no tokenizer. */
  generate(prompt: string | readonly number[], options?: GenerateOptions): Answer;
  dispose(): void;
}

export interface ForwardResult {
  readonly ids: readonly number[];
  /** `[T][V]`, f32. */
  readonly logits: readonly Float32Array[];
}

export type { AdapterChoice };

export interface LoadAdapterOptions extends AccessOptions {
  /** What `setAdapters` knows it by. Default: the last part of its source. */
  readonly name?: string;
  readonly signal?: AbortSignal;
}

/** A LoRA adapter that was loaded. */
export interface AdapterInfo {
  readonly name: string;
  /** Linear modules that it changes. */
  readonly modules: number;
  /** The greatest rank of them. */
  readonly rank: number;
  readonly parameters: number;
}

/** What a load took, and what it found out about this device: kernels chosen, kernels dropped and why. */
export interface LoadReport extends TuningOutcome {
  readonly phasesMs: LoadPhases;
}

export interface ModelHandle {
  readonly info: ModelInfo;
  readonly report: LoadReport;
  session(): SessionHandle;
  /** On a session of its own, disposed of when the answer ends. */
  chat(messages: readonly Message[], options?: GenerateOptions): Answer;
  generate(prompt: string | readonly number[], options?: GenerateOptions): Answer;
  /** Logits of every position. */
  forward(ids: readonly number[], options?: { readonly signal?: AbortSignal }): Promise<ForwardResult>;
  /**
   * Vectors of texts, or of token ids, which are read as they are. An encoder's alone: a decoder reads in one direction.
   * Texts longer than the encoder reads are cut, as sentence-transformers does.
   */
  embed(texts: readonly (string | readonly number[])[], options?: EmbedOptions): Promise<EmbedResult>;
  /**
   * Loads a LoRA adapter in PEFT's format beside the model. It does nothing until `setAdapters` chooses it. A folder, an address, a
   * Hub id or files, as for a model.
   */
  loadAdapter(source: ModelSource, options?: LoadAdapterOptions): Promise<AdapterInfo>;
  /**
   * The adapters that act from the next answer on, each times its weight, all others not at all; an empty list is the model
   * alone. Answers under way keep theirs.
   */
  setAdapters(choices: readonly AdapterChoice[]): Promise<void>;
  /** Forgets an adapter. */
  unloadAdapter(name: string): Promise<void>;
  encode(text: string): Promise<number[]>;
  decode(ids: readonly number[]): Promise<string>;
  /** The prompt that `chat` would send: the rendered template and its ids. */
  renderChat(messages: readonly Message[]): Promise<{ readonly text: string; readonly ids: number[] }>;
  /** What a prompt and a token read and compute at least: the account of the plan itself, not a measurement. */
  planCosts(options: PlanCostsOptions): PlanCosts | Promise<PlanCosts>;
  dispose(): void;
}

export interface TokenProbability {
  readonly id: number;
  readonly probability: number;
}

export interface ComparedPosition {
  /** KL(teacher || student) of the next token's distribution, in nats. */
  readonly kl: number;
  readonly teacher_top1: number;
  readonly student_top1: number;
  readonly agree: boolean;
  /** The likeliest next tokens, likeliest first. */
  readonly teacher_top5: readonly TokenProbability[];
  readonly student_top5: readonly TokenProbability[];
  /** -log probability of the token that really came next, in nats; the last position has none. */
  readonly teacher_nll?: number;
  readonly student_nll?: number;
}

export interface Comparison {
  readonly ids: readonly number[];
  /** One a token of `ids`: each is judged on its prediction of the token after it. */
  readonly positions: readonly ComparedPosition[];
  readonly mean_kl: number;
  readonly top1_agreement: number;
  /** The first position whose top tokens differ, where there is one. */
  readonly first_divergence?: number;
  /** Exponential of the mean `nll`, over all positions but the last; a single token has none. */
  readonly teacher_perplexity?: number;
  readonly student_perplexity?: number;
}

/** How far a quantised model is from the unquantised one. KL is in nats, of the unquantised distribution from the quantised one. */
export interface Verification {
  readonly model: string;
  readonly reference: string;
  /** What was done to the model's plain weights. */
  readonly quantize: Quantize;
  readonly adapter: string;
  /** Weights on the GPU. */
  readonly bytes: { readonly model: number; readonly reference: number };
  readonly tokens: number;
  readonly mean_kl: number;
  readonly median_kl: number;
  readonly p99_kl: number;
  readonly max_kl: number;
  /** Share of positions whose likeliest token is the same. */
  readonly top1_agreement: number;
  readonly perplexity: number;
  readonly reference_perplexity: number;
}

/** What some GPU work moves and computes at least. */
export interface PlanCost {
  readonly dispatches: number;
  /** Bytes read from and written to memory, each once. */
  readonly bytes: number;
  /** f32 operations; a multiply-add counts as two. */
  readonly flops: number;
}

export interface PlanCostsOptions {
  /** Tokens of the prompt that are to be computed. */
  readonly prompt: number;
  /** Tokens of the prompt that a cache holds already. Default 0. */
  readonly cached?: number;
  /** Tokens before the one that is decoded. */
  readonly position: number;
}

export interface PlanCosts {
  /** The whole prompt, up to the first sampled token. */
  readonly prefill: PlanCost;
  /** One token at `position`. */
  readonly decode: PlanCost;
}

/** One device and the models on it, here or in a worker. */
export interface Engine {
  readonly adapter: AdapterReport;
  load(source: ModelSource, options?: LoadOptions): Promise<ModelHandle>;
  inspect(source: ModelSource, options?: InspectOptions): Promise<Inspection>;
  /** A checkpoint taken apart, from its headers alone. */
  anatomy(source: ModelSource, options?: { readonly signal?: AbortSignal }): Promise<Anatomy>;
  /** The numbers of one tensor, and what fewer bits make of them; a few megabytes are fetched. */
  examine(source: ModelSource, tensor: string, options?: { readonly signal?: AbortSignal }): Promise<TensorExamination>;
  compare(
    teacher: ModelHandle,
    student: ModelHandle,
    ids: readonly number[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<Comparison>;
  /** Bytes on the GPU now, all models and sessions together. */
  gpuBytes(): Promise<number>;
  dispose(): void;
}
