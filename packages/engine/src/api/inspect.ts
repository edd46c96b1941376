import { matrixBytes } from "@alambic/kernels";
import { ConfigError } from "../errors.js";
import { Graph, type Node, type Parameter } from "../graph/graph.js";
import { checkRotations } from "../models/check-rotations.js";
import type { RawConfig } from "../models/config.js";
import type { Architecture } from "../models/family.js";
import { loadFamily } from "../models/registry.js";
import { kvBytesPer1k } from "../runtime/kv-cache.js";
import { type AccessOptions, openSource } from "../sources/open.js";
import { readJson, type Source } from "../sources/source.js";
import { describeParameter, placedMatrix } from "../weights/experts.js";
import { refuseExtraTensors } from "../weights/extra-tensors.js";
import { weightFormat } from "../weights/formats/describe.js";
import { requireShape, requireTensor } from "../weights/formats/description.js";
import { withOwnNames } from "../weights/own-names.js";
import { type Checkpoint, openCheckpoint } from "../weights/safetensors.js";
import { uploadedForm } from "../weights/upload.js";
import type { Inspection, ModelSource, ParameterCounts, Quantize, Section } from "./types.js";

/** A checkpoint whose headers were read and found to fit its config. */
export interface OpenedModel {
  readonly source: Source;
  readonly config: RawConfig;
  readonly checkpoint: Checkpoint;
  readonly architecture: Architecture;
  readonly graph: Graph;
  readonly output: Node;
  readonly inspection: Inspection;
  /** How the matrices that a parameter is made of lie in the checkpoint. */
  readonly describe: Describe;
}

type Describe = (parameter: Parameter) => ReturnType<typeof describeParameter>;

/** Reads config and headers, and checks that every tensor the model asks for is there in its shape. */
export async function openModel(
  from: ModelSource,
  signal?: AbortSignal,
  access: AccessOptions = {},
): Promise<OpenedModel> {
  const source = await openSource(from, access);
  const raw = (await readJson(source, "config.json", { signal })) as RawConfig | undefined;
  if (raw === undefined || raw === null || typeof raw !== "object") {
    throw new ConfigError(`${source.name} has no config.json. Pass the folder or repository of a Hugging Face model.`);
  }
  const { name: family, architecture } = await loadFamily(raw);
  const graph = new Graph();
  const output = architecture.forward(graph, graph.tokens());
  checkRotations(graph, architecture.context);
  const stored = await openCheckpoint(source, { signal });
  const { checkpoint, config } = withOwnNames({ checkpoint: stored, config: raw }, architecture.rename);
  const parameters = [...graph.parameters.values()];
  const format = await weightFormat(config);
  const describe = once((parameter: Parameter) => describeParameter(checkpoint, parameter, format));
  const bytes = (quantize: Quantize) => bytesOnGpu(checkpoint, parameters, describe, quantize);
  const inspection: Inspection = {
    family,
    context: architecture.context,
    parameters: countParameters(parameters),
    bytes: {
      disk: checkpoint.bytes,
      none: bytes("none"),
      int8: bytes("int8"),
      int4: bytes("int4"),
    },
    kvBytesPer1k: kvBytesPer1k(graph),
    layers: architecture.layers,
    vocabulary: architecture.vocabulary,
  };
  refuseExtraTensors(checkpoint, parameters, config, architecture.unused); // after the formats, which know theirs better
  return { source, config, checkpoint, architecture, graph, output, inspection, describe };
}

/** A function whose answer to each argument is kept. */
function once<Argument extends object, Result>(
  compute: (argument: Argument) => Result,
): (argument: Argument) => Result {
  const known = new Map<Argument, Result>();
  return (argument) => {
    const result = known.get(argument) ?? compute(argument);
    known.set(argument, result);
    return result;
  };
}

/** What a parameter becomes when the model is loaded with `quantize`: the vocabulary's matrices keep 8 bits, routers stay as they are. */
export function quantizeOf({ vocabulary, router }: Parameter, quantize: Quantize): Quantize {
  if (router) return "none";
  return vocabulary && quantize === "int4" ? "int8" : quantize;
}

function bytesOnGpu(
  checkpoint: Checkpoint,
  parameters: readonly Parameter[],
  describe: Describe,
  quantize: Quantize,
): number {
  return parameters.reduce((sum, parameter) => {
    const { name, kind, shape } = parameter;
    if (kind === "vector") {
      requireShape(requireTensor(checkpoint, name), shape);
      return sum + 4 * shape[0]!;
    }
    const [description] = describe(parameter);
    const form = uploadedForm(description, { quantize: quantizeOf(parameter, quantize) });
    return sum + matrixBytes(placedMatrix(parameter, form, Number.MAX_SAFE_INTEGER));
  }, 0);
}

export function countParameters(parameters: readonly Parameter[]): ParameterCounts {
  const counts = { total: 0, active: 0, embedding: 0, attention: 0, mlp: 0, experts: 0, norm: 0 };
  for (const parameter of parameters) {
    const size = parameter.shape.reduce((product, dim) => product * dim, 1);
    counts.total += size;
    counts.active += parameter.experts ? (size / parameter.experts.count) * parameter.experts.active : size;
    counts[sectionOf(parameter)] += size;
  }
  return counts;
}

/** By the names that Hugging Face gives modules. An untied output head counts with the embedding. */
export function sectionOf({ module, vocabulary, router }: Parameter): Section {
  if (vocabulary) return "embedding";
  if (/norm/i.test(module)) return "norm";
  if (router || /experts?\b/.test(module)) return "experts";
  return /attn|attention/.test(module) ? "attention" : "mlp";
}
