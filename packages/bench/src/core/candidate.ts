import type { Gpu, Inspection, LoadOptions, Model, Quantize } from "@alambic/engine";

/** What a checkpoint is known to answer, from Hugging Face transformers in f32 on the same weights. */
export interface Reference {
  readonly prompt: readonly number[];
  /** The first greedy ids after it. */
  readonly ids: readonly number[];
}

/** A model that could be measured. Nothing is loaded before its turn. */
export interface Candidate {
  readonly name: string;
  /** Random weights in a named model's shape are `synthetic`: they have a speed and no quality. */
  readonly kind: "checkpoint" | "synthetic";
  readonly quantize: Quantize;
  readonly reference?: Reference;
  inspect(): Promise<Inspection>;
  load(
    options: Pick<LoadOptions, "contextLength" | "signal" | "precision" | "kv"> & { readonly gpu: Gpu },
  ): Promise<Model>;
}
