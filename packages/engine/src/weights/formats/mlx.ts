import { CheckpointError } from "../../errors.js";
import { isFloat } from "../dtype.js";
import { isRecord } from "../header.js";
import type { Checkpoint } from "../safetensors.js";
import { FORM_OF, type MlxDescription, requireShape, requireTensor } from "./description.js";

/** What `quantization` in config.json says of one module: MLX's keys. */
export interface MlxQuantization {
  readonly group_size: number;
  readonly bits: 4 | 8;
}

/**
 * How MLX quantised a module; `undefined` when it left it alone.
 *
 * A module's own entry in `quantization` wins, and may be `false`. Without one, a module is quantised where it has scales.
 *
 * @throws {@link CheckpointError} for 2, 3, 5 and 6 bits and for modes other than affine.
 */
export function mlxQuantization(
  checkpoint: Checkpoint,
  module: string,
  quantization: Readonly<Record<string, unknown>>,
): MlxQuantization | undefined {
  const own = quantization[module];
  if (own === false) return undefined;
  if (!isRecord(own) && !checkpoint.tensors.has(`${module}.scales`)) return undefined;

  const { group_size, bits, mode = "affine" } = { ...quantization, ...(isRecord(own) && own) };
  if (mode !== "affine") {
    throw unsupported(module, `MLX's mode ${JSON.stringify(mode)}; only "affine" can be read`);
  }
  if (bits !== 4 && bits !== 8)
    throw unsupported(module, `${JSON.stringify(bits) ?? "an unknown number of"} bits; only 4 and 8 can be read`);
  if (typeof group_size !== "number" || !Number.isSafeInteger(group_size) || group_size < 8 || group_size % 8 !== 0) {
    throw unsupported(
      module,
      `a group_size that is ${JSON.stringify(group_size) ?? "missing"}; a multiple of 8 was expected`,
    );
  }
  return { group_size, bits };
}

/** A matrix as MLX packs it: words of low bits first, which is also the form on the GPU. */
export function mlx(
  checkpoint: Checkpoint,
  module: string,
  shape: readonly [n: number, k: number],
  { group_size, bits }: MlxQuantization,
): MlxDescription {
  const [n, k] = shape;
  if (k % group_size !== 0)
    throw unsupported(module, `groups of ${group_size} columns; its ${k} columns are no multiple of that`);
  const weight = requireTensor(checkpoint, `${module}.weight`);
  const scales = requireTensor(checkpoint, `${module}.scales`);
  const biases = requireTensor(checkpoint, `${module}.biases`);
  if (weight.dtype !== "U32") throw wrongType(weight.name, weight.dtype, "U32");
  if (!isFloat(scales.dtype)) throw wrongType(scales.name, scales.dtype, "F16, BF16 or F32");
  if (biases.dtype !== scales.dtype) throw wrongType(biases.name, biases.dtype, `${scales.dtype}, as its scales are,`);
  const reason = `config.json ([${n}, ${k}] at ${bits} bits in groups of ${group_size})`;
  requireShape(weight, [n, (k * bits) / 32], reason);
  requireShape(scales, [n, k / group_size], reason);
  requireShape(biases, [n, k / group_size], reason);
  return {
    kind: "mlx",
    module,
    shape,
    dtype: scales.dtype,
    form: { kind: bits === 4 ? "int4" : "int8", groupSize: group_size, groupType: FORM_OF[scales.dtype] },
    tensors: { weight, scales, biases },
  };
}

function unsupported(module: string, found: string): CheckpointError {
  return new CheckpointError(
    "checkpoint-quantization",
    `${module} is quantised with ${found}. Use another copy of the model: plain, or MLX's 4 or 8 bits.`,
  );
}

function wrongType(name: string, found: string, expected: string): CheckpointError {
  return new CheckpointError(
    "checkpoint-dtype",
    `${name} is ${found}; ${expected} was expected in MLX's format. Fetch the file again, or another copy of the model.`,
  );
}
