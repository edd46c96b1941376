import { type Gpu, tensor } from "@alambic/kernels";
import { expertModules, type Parameter } from "../graph/graph.js";
import { placedMatrix } from "../weights/experts.js";
import type { LoadedMatrix } from "../weights/loaded-matrix.js";
import type { TensorInfo } from "../weights/safetensors.js";
import { uploadedForm } from "../weights/upload.js";
import { type OpenedModel, quantizeOf } from "./inspect.js";
import type { Quantize } from "./types.js";

/** The form and blocks that `upload` will give a matrix. */
export function describedMatrix(
  gpu: Pick<Gpu, "largestBinding">,
  { describe }: OpenedModel,
  parameter: Parameter,
  quantize: Quantize,
): LoadedMatrix {
  const [description] = describe(parameter);
  const form = uploadedForm(description, { quantize: quantizeOf(parameter, quantize) });
  const described = placedMatrix(parameter, form, gpu.largestBinding);
  if (parameter.experts || !("actOrder" in description) || !description.actOrder) return described;
  return {
    ...described,
    order: { key: "to be read", indices: tensor(`${parameter.module} order`, [described.shape[1]], "u32") },
  };
}

/** A file is read from front to back, so that a server or a disk streams it. */
export function inFileOrder({ graph, checkpoint }: OpenedModel): Parameter[] {
  const place = ({ experts, ...parameter }: Parameter) => {
    const [module = parameter.module] = experts ? expertModules({ ...parameter, experts }) : [];
    const names = [parameter.name, `${module}.weight`, `${module}.qweight`];
    const info = names.map((name) => checkpoint.tensors.get(name)).find((found) => found);
    return info ? `${info.file}:${String(info.start).padStart(16, "0")}` : "";
  };
  return [...graph.parameters.values()].toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
}

/** The files that hold what the model asks for. */
export function filesOf(opened: OpenedModel): string[] {
  const parameters = [...opened.graph.parameters.values()];
  return [...new Set(parameters.flatMap((parameter) => tensorsOf(parameter, opened)).map(({ file }) => file))].sort();
}

/** Of what the model asks for, in the checkpoint. */
export function weightBytes(opened: OpenedModel): number {
  return [...opened.graph.parameters.values()]
    .flatMap((parameter) => tensorsOf(parameter, opened))
    .reduce((bytes, { start, end }) => bytes + end - start, 0);
}

/** What of the checkpoint makes up a parameter. */
function tensorsOf(parameter: Parameter, { checkpoint, describe }: OpenedModel): TensorInfo[] {
  if (parameter.kind === "vector") return [checkpoint.tensors.get(parameter.name)!];
  return describe(parameter).flatMap((each) => Object.values(each.tensors));
}
