import type { OpenGpuOptions } from "@alambic/kernels";
import type { AnswerEnd } from "../answer.js";
import type {
  AdapterChoice,
  AdapterInfo,
  Anatomy,
  Chunk,
  Comparison,
  EmbedOptions,
  EmbedResult,
  ForwardResult,
  GenerateOptions,
  Inspection,
  InspectOptions,
  LoadAdapterOptions,
  LoadOptions,
  LoadReport,
  Message,
  ModelInfo,
  ModelSource,
  PlanCosts,
  PlanCostsOptions,
  Progress,
  TensorExamination,
} from "../types.js";

/** Names a call that can be aborted; chosen by the page, because the abort may come before any answer. */
export type CallId = number;
export type ModelId = number;
export type SessionId = number;

/** Devices of the page stay in the page: the worker opens its own. */
export type RemoteGpuOptions = Omit<OpenGpuOptions, "device">;
export type RemoteLoadOptions = Omit<LoadOptions, "signal" | "onProgress">;
export type RemoteInspectOptions = Omit<InspectOptions, "signal">;
export type RemoteGenerateOptions = Omit<GenerateOptions, "signal" | "draft"> & { readonly draft?: ModelId };

export type Ask =
  | { readonly kind: "chat"; readonly messages: readonly Message[] }
  | { readonly kind: "generate"; readonly prompt: string | readonly number[] };

/** An error as data: `postMessage` would keep its message and lose its class, code and fields. */
export interface RemoteError {
  readonly name: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Either of the two. An interface rather than a union, which Comlink's types would take apart. */
export interface Outcome<T> {
  readonly value?: T;
  readonly error?: RemoteError;
}

/** What the worker answers to. Comlink carries the calls; models and sessions are numbers on the page's side. */
export interface EngineService {
  open(options: RemoteGpuOptions): Promise<Outcome<{ readonly adapter: ModelInfo["adapter"] }>>;
  load(
    call: CallId,
    source: ModelSource,
    options: RemoteLoadOptions,
    onProgress: (progress: Progress) => void,
  ): Promise<Outcome<{ readonly model: ModelId; readonly info: ModelInfo; readonly report: LoadReport }>>;
  inspect(call: CallId, source: ModelSource, options: RemoteInspectOptions): Promise<Outcome<Inspection>>;
  anatomy(call: CallId, source: ModelSource): Promise<Outcome<Anatomy>>;
  examine(call: CallId, source: ModelSource, tensor: string): Promise<Outcome<TensorExamination>>;
  compare(call: CallId, teacher: ModelId, student: ModelId, ids: readonly number[]): Promise<Outcome<Comparison>>;
  session(model: ModelId): Promise<Outcome<SessionId>>;
  ask(
    call: CallId,
    session: SessionId,
    ask: Ask,
    options: RemoteGenerateOptions,
    onChunk: (chunk: Chunk) => void | Promise<void>,
  ): Promise<Outcome<AnswerEnd>>;
  loadAdapter(
    call: CallId,
    model: ModelId,
    source: ModelSource,
    options: Omit<LoadAdapterOptions, "signal">,
  ): Promise<Outcome<AdapterInfo>>;
  setAdapters(model: ModelId, choices: readonly AdapterChoice[]): Promise<Outcome<void>>;
  unloadAdapter(model: ModelId, name: string): Promise<Outcome<void>>;
  forward(call: CallId, model: ModelId, ids: readonly number[]): Promise<Outcome<ForwardResult>>;
  embed(
    call: CallId,
    model: ModelId,
    texts: readonly (string | readonly number[])[],
    options: Omit<EmbedOptions, "signal">,
  ): Promise<Outcome<EmbedResult>>;
  encode(model: ModelId, text: string): Promise<Outcome<number[]>>;
  decode(model: ModelId, ids: readonly number[]): Promise<Outcome<string>>;
  renderChat(
    model: ModelId,
    messages: readonly Message[],
  ): Promise<Outcome<{ readonly text: string; readonly ids: number[] }>>;
  planCosts(model: ModelId, options: PlanCostsOptions): Promise<Outcome<PlanCosts>>;
  gpuBytes(): Promise<Outcome<number>>;
  abort(call: CallId): void;
  disposeSession(session: SessionId): void;
  disposeModel(model: ModelId): void;
  dispose(): void;
}
