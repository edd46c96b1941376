import type { Gpu } from "@alambic/kernels";
import type { Precision, Tune } from "../api/types.js";
import type { AheadModel } from "./compile-ahead.js";
import { type Layouts, layoutsOf } from "./layouts.js";
import type { TuningCache, TuningOutcome } from "./tuning.js";

export interface TuneModelOptions {
  /** Default: `cached` on a GPU, `off` on a software adapter. */
  readonly mode: Tune | undefined;
  readonly precision: Precision;
  /** Default: the user's cache folder, or the browser's Cache Storage. */
  readonly cache: TuningCache | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (done: number, total: number) => void;
}

/** The layouts of a model's kernels, and how they were found. */
export interface TunedLayouts {
  readonly layouts: Layouts;
  readonly outcome: TuningOutcome;
}

/** Chooses the variants of a model's hot ops at its real shapes, from the cache or by a bounded search on this device. */
export async function tuneModel(gpu: Gpu, model: AheadModel, options: TuneModelOptions): Promise<TunedLayouts> {
  const { precision, mode = gpu.adapter.kind === "gpu" ? "cached" : "off" } = options;
  if (mode === "off") {
    const outcome = { variants: {}, dropped: [], untried: [], tuningMs: 0 };
    return { layouts: layoutsOf(gpu.adapter, { precision }), outcome };
  }
  const { searchLayouts } = await import("./search-layouts.js"); // software adapters do without
  return searchLayouts(gpu, model, mode, options);
}
