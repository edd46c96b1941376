import type { AdapterReport } from "@alambic/kernels";
import type { Anatomy, TensorExamination } from "./anatomy.js";
import type { Comparison } from "./compare.js";
import type { Inspection, InspectOptions } from "./inspect.js";
import type { LoadOptions, ModelSource } from "./load.js";
import type { ModelHandle } from "./model.js";

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
