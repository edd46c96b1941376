import { CheckpointError } from "../../errors.js";
import { isFloat } from "../dtype.js";
import type { Checkpoint } from "../safetensors.js";
import { FORM_OF, type PlainDescription, requireShape, requireTensor } from "./description.js";

/** A matrix of plain numbers in `<module>.weight`, kept in the type it has. */
export function plain(
  checkpoint: Checkpoint,
  module: string,
  shape: readonly [n: number, k: number],
): PlainDescription {
  const weight = requireTensor(checkpoint, `${module}.weight`);
  const { dtype } = weight;
  if (!isFloat(dtype)) {
    throw new CheckpointError(
      "checkpoint-dtype",
      `${weight.name} is ${dtype}; F32, F16 or BF16 was expected, as config.json names no quantisation for it. Use a copy of the model in one of these, or one whose config.json says how it was quantised.`,
    );
  }
  requireShape(weight, shape);
  return { kind: "plain", module, shape, dtype, form: { kind: FORM_OF[dtype] }, tensors: { weight } };
}
