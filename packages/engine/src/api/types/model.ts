import type { AdapterChoice } from "../../adapters/adapters.js";
import type { AdapterInfo, LoadAdapterOptions } from "./adapters.js";
import type { EmbedOptions, EmbedResult } from "./embed.js";
import type { Answer, GenerateOptions, Message, SessionHandle } from "./generate.js";
import type { LoadReport, ModelInfo, ModelSource } from "./load.js";
import type { PlanCosts, PlanCostsOptions } from "./plan-costs.js";

export interface ForwardResult {
  readonly ids: readonly number[];
  /** `[T][V]`, f32. */
  readonly logits: readonly Float32Array[];
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
