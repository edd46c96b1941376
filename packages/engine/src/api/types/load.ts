import type { AdapterReport, KvForm } from "@alambic/kernels";
import type { TuningOutcome } from "../../runtime/tuning.js";
import type { AccessOptions } from "../../sources/open.js";
import type { Source, Traffic } from "../../sources/source.js";
import type { LoadPhases } from "../load-phases.js";
import type { Precision, Quantize, Tune } from "./choices.js";
import type { EmbeddingInfo } from "./embed.js";
import type { Inspection } from "./inspect.js";

/** A folder (Node), an http(s) URL, a Hub id `owner/name[@revision]`, the files of a dropped folder, or any reader of ranges. */
export type ModelSource = string | URL | readonly File[] | Source;

export interface Progress {
  /** `recover`: the device was lost, and the load begins anew on another. */
  readonly phase: "recover" | "headers" | "tune" | "weights" | "compile" | "ready";
  /** Bytes of weights read so far; while tuning, problems done. */
  readonly loaded: number;
  /** Bytes of weights in all, or problems; 0 while still unknown. */
  readonly total: number;
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

/** What a load took, and what it found out about this device: kernels chosen, kernels dropped and why. */
export interface LoadReport extends TuningOutcome {
  readonly phasesMs: LoadPhases;
}
