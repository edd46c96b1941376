import type { AdapterReport, KvForm, LoadReport, Precision } from "@alambic/engine";
import type { Roofline } from "@alambic/kernels";
import type { Reason } from "./reason.js";
import type { Summary } from "./statistics.js";
import type { Workload } from "./workload.js";

export const FORMAT = "alambic-bench/1";

/** One run of the bench on one adapter: all that the files hold. */
export interface BenchReport {
  readonly format: typeof FORMAT;
  /** When it began, ISO 8601. */
  readonly date: string;
  /** `Node 20.19.0, linux x64`, or the browser's own name. */
  readonly runtime: string;
  readonly adapter: AdapterReport;
  readonly roofline: Roofline;
  readonly settings: BenchSettings;
  readonly rows: readonly BenchRow[];
  readonly quality: readonly QualityRow[];
  /** How each model was loaded: milliseconds by phase, the kernels chosen on this device, and those that it dropped. Not in older files. */
  readonly loads?: readonly LoadRow[];
  /** Work that was done and does not count, with the reason. */
  readonly rejected: readonly RejectedRow[];
  /** Work that was not done. */
  readonly skipped: readonly SkippedRow[];
  /** Other engines, where they were asked for. */
  readonly peers?: PeerReport;
  readonly seconds: number;
}

export interface BenchSettings {
  readonly repetitions: number;
  readonly budgetSeconds: number;
  readonly workloads: readonly Workload[];
  /** Bytes of weights above which nothing is tried. Default: no limit but the adapter's own. */
  readonly mostBytes?: number;
  readonly quality: boolean;
  /** Default: the engine's, `exact`. */
  readonly precision?: Precision;
  /** How keys and values are kept. Default: as the precision has it, f32 or f16. */
  readonly kv?: KvForm;
}

export interface BenchRow extends Workload {
  readonly model: string;
  readonly synthetic: boolean;
  readonly parameters: number;
  /** Those that a token computes with, where they are not all: a mixture of experts. */
  readonly activeParameters?: number;
  /** Bytes of weights on the GPU. */
  readonly weightBytes: number;
  readonly tokensPerSecond: Summary;
  /** Of the adapter's measured read bandwidth (tg) or its f32 rate (pp), 0 to 1. */
  readonly share: number;
  readonly shareOf: "read" | "fma";
  /** For each token, from the plan's own account at the middle of the run. */
  readonly dispatches: number;
  readonly bytes: number;
  readonly flops: number;
  /** Host time for each token, encoding and submitting. */
  readonly cpuMicroseconds: number;
  /** What its output was held against. */
  readonly check: "runs" | "runs and reference";
}

export interface QualityRow {
  readonly model: string;
  readonly parameters: number;
  /** Of a fixed text, under the model: lower is better. */
  readonly bitsPerByte: number;
  /** Mean KL(teacher || model) a token, in nats; missing for the teacher itself and where vocabularies differ. */
  readonly klToTeacher?: number;
  readonly teacher?: string;
}

export interface LoadRow extends LoadReport {
  readonly model: string;
}

export interface RejectedRow {
  readonly model: string;
  /** `tg128`; `all` or `quality` where it is no single test that is missing. */
  readonly test: string;
  readonly reason: Reason;
}

export interface SkippedRow extends RejectedRow {
  /** Predicted from the adapter's roofline. */
  readonly estimateSeconds: number;
}

/** Other engines on the same weights, prompts and adapter, measured after ours. */
export interface PeerReport {
  readonly rows: readonly PeerRow[];
  /** What could not start, or answered wrongly. */
  readonly failed: readonly { readonly peer: string; readonly reason: Reason }[];
  /** Tests that were not run. */
  readonly skipped: readonly { readonly peer: string; readonly test: string; readonly reason: Reason }[];
}

export interface PeerRow extends Workload {
  readonly peer: string;
  readonly version: string;
  /** `Node 20.19.0`, `Chromium 143.0.7499.0`. */
  readonly runtime: string;
  /** The path that really ran, as far as the engine tells: `WebGPU, google swiftshader`, `wasm, 2 threads`. */
  readonly runsOn: string;
  readonly settings: string;
  readonly model: string;
  readonly parameters: number;
  readonly tokensPerSecond: Summary;
  /** How many of the greedy ids compared are ours, from the first on. */
  readonly agreement: { readonly same: number; readonly of: number };
}
