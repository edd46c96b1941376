import type { AccessOptions } from "../../sources/open.js";

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
