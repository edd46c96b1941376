import type { MatrixForm } from "@alambic/kernels";
import { CheckpointError } from "../../errors.js";
import type { FloatDtype } from "../dtype.js";
import type { Checkpoint, TensorInfo } from "../safetensors.js";

/** How one weight matrix lies in a checkpoint, and the form that keeps it exactly on the GPU. */
export type WeightDescription = PlainDescription | MlxDescription | PackedDescription;

interface Described {
  /** The module's path, e.g. `model.layers.0.self_attn.q_proj`. */
  readonly module: string;
  /** Of the matrix itself, `[N, K]`: outputs and inputs. */
  readonly shape: readonly [n: number, k: number];
  /** Of the numbers, or of scales and biases. */
  readonly dtype: FloatDtype;
}

export interface PlainDescription extends Described {
  readonly kind: "plain";
  readonly form: MatrixForm & { readonly kind: "f32" | "f16" | "bf16" };
  readonly tensors: { readonly weight: TensorInfo };
}

/** MLX's affine 4 and 8 bits: `w = scale * q + bias`, a scale and a bias for each group of columns. */
export interface MlxDescription extends Described {
  readonly kind: "mlx";
  readonly form: MatrixForm & { readonly kind: "int4" | "int8" };
  readonly tensors: { readonly weight: TensorInfo; readonly scales: TensorInfo; readonly biases: TensorInfo };
}

/** GPTQ's and AWQ's integers: `w = scale * (q - zero)`, a scale and a zero for each group of columns. */
export interface PackedDescription extends Described {
  readonly kind: "gptq" | "awq";
  readonly form: MatrixForm & { readonly kind: "int4" | "int8" };
  readonly tensors: {
    readonly qweight: TensorInfo;
    readonly qzeros: TensorInfo;
    readonly scales: TensorInfo;
    /** GPTQ: the group of each input. */
    readonly g_idx?: TensorInfo;
  };
  readonly zerosLessOne: boolean;
  /** Whether the columns may be out of order; `g_idx` has the last word. */
  readonly actOrder: boolean;
}

export const FORM_OF = { F32: "f32", F16: "f16", BF16: "bf16" } as const;

/** A tensor by name. @throws {@link CheckpointError} when there is none, naming a near one when there is. */
export function requireTensor({ tensors, source }: Checkpoint, name: string): TensorInfo {
  const found = tensors.get(name);
  if (found) return found;
  const near = [...tensors.keys()].find((other) => other.endsWith(`.${name}`) || name.endsWith(`.${other}`));
  throw new CheckpointError(
    "checkpoint-missing-tensor",
    `${source.name} has no tensor ${name}${near ? ` (it has ${near})` : ""}; config.json asks for it. Config and weights are of different models, or a file is missing.`,
  );
}

export function requireShape({ name, shape }: TensorInfo, expected: readonly number[], reason = "config.json"): void {
  if (shape.length === expected.length && shape.every((length, i) => length === expected[i])) return;
  throw new CheckpointError(
    "checkpoint-shape",
    `${name} is [${shape.join(", ")}]; [${expected.join(", ")}] was expected from ${reason}. Config and weights are of different models.`,
  );
}
