import {
  type Gpu,
  type MatrixForm,
  matrix,
  matrixBytes,
  matrixTensors,
  paddedColumns,
  quantise,
} from "@alambic/kernels";
import { EngineError } from "../../errors.js";
import { widen } from "../../weights/dtype.js";
import { requireTensor } from "../../weights/formats/description.js";
import type { OpenedModel } from "../inspect.js";
import type { ExaminedForm, TensorExamination } from "../types.js";
import { readMatrix, sampleMatrix } from "./sample.js";
import { distributionOf, histogram, prunedErrors, relativeError, roundToBf16 } from "./statistics.js";

type QuantisedForm = MatrixForm & { readonly kind: "int4" | "int8" };

/** What the engine quantises in. */
const GROUP = 64;
/** Numbers of the first row that are shown one by one. */
const SHOWN = 64;

/**
 * Looks at a tensor's numbers, and at what 16, 8 and 4 bits make of them with the engine's own quantiser. Of a large
 * tensor some rows are fetched, evenly spread, of a stack of experts the first expert's; a norm or a bias is never quantised and has no forms.
 */
export async function examine(
  gpu: Gpu,
  { graph, checkpoint, describe }: OpenedModel,
  name: string,
  signal?: AbortSignal,
): Promise<TensorExamination> {
  const parameter = graph.parameters.get(name);
  if (!parameter) throw new EngineError("no-such-tensor", `${name} is no tensor of this model. anatomy() lists them.`);
  if (parameter.kind === "vector") {
    const info = requireTensor(checkpoint, name);
    const bytes = await checkpoint.readBytes(info, 0, info.end - info.start, { ...(signal && { signal }) });
    const values = widen(bytes, info.dtype as "F32" | "F16" | "BF16");
    return { name, rows: 1, values: distributionOf(values), sample: shown(values), forms: [], pruned: [] };
  }
  const shape = parameter.shape as [number, number];
  const [description] = describe(parameter);
  const { rows, values } = await sampleMatrix(gpu, checkpoint, description, signal);
  const distribution = distributionOf(values);
  const k = shape[1];
  const form = (kind: ExaminedForm["kind"], bytes: number, approximate: Float32Array): ExaminedForm => ({
    kind,
    bytes,
    error: relativeError(values, approximate),
    counts: histogram(approximate, distribution.low, distribution.high),
    sample: shown(approximate),
  });
  const forms = [form("bf16", 2 * shape[0] * k, roundToBf16(values))];
  for (const kind of ["int8", "int4"] as const) {
    const quantised = { kind, groupSize: GROUP, groupType: "f16" } as const;
    const bytes = matrixBytes(matrix(name, shape, quantised, Number.MAX_SAFE_INTEGER));
    forms.push(form(kind, bytes, await asQuantised(gpu, values, [rows, k], quantised)));
  }
  return { name, rows, values: distribution, sample: shown(values), forms, pruned: prunedErrors(values) };
}

/** What a quantised form makes of the numbers: there and back, by the kernels that loading uses. */
async function asQuantised(
  gpu: Gpu,
  values: Float32Array,
  [rows, k]: readonly [number, number],
  form: QuantisedForm,
): Promise<Float32Array> {
  const source = matrix("examined", [rows, k], { kind: "f32" }, gpu.largestBinding);
  const packed = matrix("examined as packed", [rows, k], form, gpu.largestBinding);
  const tensors = [...matrixTensors(source), ...matrixTensors(packed)];
  const [from, to] = [source.blocks[0]!, packed.blocks[0]!];
  try {
    gpu.buffers.allocate(...tensors);
    gpu.buffers.write(from.values, paddedRows(values, k));
    await gpu.executor.execute([
      quantise({ source: from, sourceForm: { kind: "f32" }, k, target: to, targetForm: form, targetRow: 0, rows }),
    ]);
    return await readMatrix(gpu, packed);
  } finally {
    gpu.buffers.dispose(...tensors);
  }
}

function paddedRows(values: Float32Array, k: number): Float32Array {
  const width = paddedColumns(k);
  if (width === k) return values;
  const padded = new Float32Array((values.length / k) * width);
  for (let row = 0; row * k < values.length; row++) padded.set(values.subarray(row * k, (row + 1) * k), row * width);
  return padded;
}

function shown(values: Float32Array): number[] {
  return [...values.subarray(0, SHOWN)];
}
