import type { Parameter } from "../../graph/graph.js";
import { requireTensor } from "../../weights/formats/description.js";
import { type OpenedModel, openModel, sectionOf } from "../inspect.js";
import type { Anatomy, ModelSource, ModelTensor } from "../types.js";

/**
 * Takes a checkpoint apart, from its headers alone: its configuration, and each tensor with its place and form. Errors are
 * those of `Model.inspect`.
 */
export async function anatomy(
  source: ModelSource,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<Anatomy> {
  const opened = await openModel(source, signal);
  return { inspection: opened.inspection, config: opened.config, tensors: modelTensors(opened) };
}

function modelTensors(opened: OpenedModel): ModelTensor[] {
  return [...opened.graph.parameters.values()].map((parameter) => ({
    name: parameter.name,
    shape: parameter.shape,
    section: sectionOf(parameter),
    ...layerOf(parameter),
    parameters: parameter.shape.reduce((product, length) => product * length, 1),
    ...storedAs(opened, parameter),
  }));
}

function storedAs({ checkpoint, describe }: OpenedModel, parameter: Parameter) {
  if (parameter.kind === "vector") {
    const { dtype, start, end } = requireTensor(checkpoint, parameter.name);
    return { bytes: end - start, form: dtype.toLowerCase() };
  }
  const descriptions = describe(parameter);
  const [{ form }] = descriptions;
  const tensors = descriptions.flatMap((each) => Object.values(each.tensors));
  const bytes = tensors.reduce((sum, { start, end }) => sum + end - start, 0);
  return { bytes, form: form.kind, ...("groupSize" in form && { groupSize: form.groupSize }) };
}

/** The number in `model.layers.7.mlp.up_proj`. */
function layerOf({ module }: Parameter): { readonly layer?: number } {
  const [, layer] = module.match(/\blayers?\.(\d+)\./) ?? [];
  return layer === undefined ? {} : { layer: Number(layer) };
}
