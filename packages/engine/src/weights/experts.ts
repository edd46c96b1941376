import { type Matrix, type MatrixForm, matrix } from "@alambic/kernels";
import { CheckpointError } from "../errors.js";
import { expertModules, type Parameter } from "../graph/graph.js";
import type { DescribeWeight } from "./formats/describe.js";
import type { WeightDescription } from "./formats/description.js";
import type { Checkpoint } from "./safetensors.js";

/**
 * How the matrices that a parameter is made of lie in the checkpoint: one, or those of all experts in the order in which
 * their rows stand in the stack.
 *
 * @throws {@link CheckpointError} as `DescribeWeight`, or when experts of one stack are stored in different forms.
 */
export function describeParameter(
  checkpoint: Checkpoint,
  parameter: Parameter,
  describe: DescribeWeight,
): readonly [WeightDescription, ...WeightDescription[]] {
  const [n, k] = parameter.shape as [number, number];
  const { experts } = parameter;
  if (!experts) return [describe(checkpoint, parameter.module, [n, k])];
  const modules = expertModules({ ...parameter, experts });
  const [first, ...others] = modules.map((module) => describe(checkpoint, module, [n / modules.length, k]));
  const formOf = (description: WeightDescription) => JSON.stringify(description.form);
  const odd = others.find((other) => formOf(other) !== formOf(first!));
  if (odd) {
    throw new CheckpointError(
      "checkpoint-quantization",
      `${odd.module} is stored as ${formOf(odd)} and ${first!.module} as ${formOf(first!)}; experts that are read as one must be of one form. Use another copy of the model.`,
    );
  }
  return [first!, ...others];
}

/** The matrix that a parameter will be on the GPU; a stack of experts is cut between experts only. */
export function placedMatrix({ module, shape, experts }: Parameter, form: MatrixForm, maxBytes: number): Matrix {
  const [n, k] = shape as [number, number];
  return matrix(module, [n, k], form, maxBytes, experts ? n / experts.count : 1);
}
