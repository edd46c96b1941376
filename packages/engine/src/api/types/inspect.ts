import type { AdapterReport, KvForm } from "@alambic/kernels";
import type { AccessOptions } from "../../sources/open.js";
import type { Quantize } from "./choices.js";

export interface InspectOptions extends AccessOptions {
  /** Say how the model would run here too: opens the device if need be, and measures it once, which takes about a second. Default false. */
  readonly verdict?: boolean;
  /** Tokens to make room for in the verdict, and how to keep them. Default: as `load` has it. */
  readonly contextLength?: number;
  readonly kv?: KvForm;
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
