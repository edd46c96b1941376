import type { Inspection } from "./inspect.js";

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
