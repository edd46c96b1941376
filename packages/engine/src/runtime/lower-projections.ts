import {
  dotsFit,
  gateUp,
  matmul,
  matmulPartials,
  matvec,
  type RoundedRows,
  reorder,
  roundedShapes,
  swiglu,
  swigluMerged,
  type TensorRef,
} from "@alambic/kernels";
import type { Adaptation } from "../adapters/adapter-set.js";
import type { Node, NormOptions, OperationOf } from "../graph/graph.js";
import type { LoadedMatrix } from "../weights/loaded-matrix.js";
import type { MergedLinear } from "./fusions.js";
import type { Lower, Lowering, LoweringContext, Task } from "./lowering.js";
import type { Workspace } from "./workspace.js";

/** The input of a projection: as it is, or to be normed while it is read. */
interface ProjectionInput {
  readonly node: Node;
  readonly norm?: { readonly weight: TensorRef } & NormOptions;
}

/** What a projection does beside its product. */
type ProjectionOptions = Omit<Parameters<typeof matvec>[0], "x" | "matrix" | "y"> & {
  readonly adapters: Adaptation | undefined;
};

export const lowerLinear: Lower<"linear"> = (lowering, node, { x, weight, bias }, residual) => {
  const { node: input, norm } = projectionInput(lowering, x);
  const plan = () =>
    project(lowering, lowering.see(input), lowering.matrix(weight), lowering.take(node), {
      ...(norm && { norm }),
      ...(residual && { residual: lowering.see(residual) }),
      ...(bias && { bias: lowering.vector(bias) }),
      adapters: lowering.context.adapters?.of([weight]),
    });
  return { reads: residual ? [input, residual] : [input], plan };
};

/** `activation(gate) · up`, and with it the projections that gate and up come from where those are one. */
export const lowerGated: Lower<"gated"> = (lowering, node, operation) => {
  const fusion = lowering.context.fusions.gateUp.get(node);
  if (fusion) return lowerGateUp(lowering, node, operation, fusion);
  const { gate, up, activation } = operation;
  const plan = () => {
    const inputs = { step: lowering.step, gate: lowering.see(gate), up: lowering.see(up), activation };
    lowering.push(swiglu({ ...inputs, y: lowering.take(node) }));
  };
  return { reads: [gate, up], plan };
};

/** In one dispatch for a token, in two for others. */
function lowerGateUp(lowering: Lowering, node: Node, { activation }: OperationOf<"gated">, fusion: MergedLinear): Task {
  const { workspace, adapter, subgroupSize, layouts } = lowering.context;
  const { node: x, norm } = projectionInput(lowering, fusion.x);
  const plan = () => {
    const { matrix, bias, adapters } = mergedProjection(lowering.context, fusion);
    const optional = { ...(norm && { norm }), ...(bias && { bias }) };
    if (lowering.rows === 1 && !adapters) {
      const ordered = inOrder(lowering, lowering.see(x), matrix);
      const inputs = { x: ordered, matrix, y: lowering.take(node), activation, adapter, subgroupSize, ...optional };
      lowering.push(gateUp({ ...inputs, variant: layouts.variantOf({ op: "gateUp", inputs }) }));
      if (matrix.order) workspace.give(ordered);
      return;
    }
    const projected = workspace.take([lowering.rows, matrix.shape[0]]);
    project(lowering, lowering.see(x), matrix, projected, { ...optional, adapters });
    lowering.push(swigluMerged({ step: lowering.step, gateUp: projected, y: lowering.take(node), activation }));
    workspace.give(projected);
  };
  return { reads: [x], plan };
}

export function projectionInput(lowering: Lowering, x: Node): ProjectionInput {
  const { operation } = x;
  if (operation.op !== "rmsNorm" || !lowering.inputNorms.has(x)) return { node: x };
  return { node: operation.x, norm: { weight: lowering.vector(operation.weight), ...operation.norm } };
}

/** Several projections of one input as one, and what acts on them. */
export function mergedProjection(
  { weights, adapters }: LoweringContext,
  { parts }: MergedLinear,
): { matrix: LoadedMatrix; bias: TensorRef | undefined; adapters: Adaptation | undefined } {
  const matrices = parts.map(({ weight }) => weight);
  const biases = parts.flatMap(({ bias }) => bias ?? []);
  return {
    matrix: weights.merged(matrices)!,
    bias: biases.length > 0 ? weights.mergedVector(biases) : undefined,
    adapters: adapters?.of(matrices),
  };
}

/** `y = x Wᵀ` with what goes with it: the kernel for one row or for many, and the adapters' share. */
export function project(
  lowering: Lowering,
  input: TensorRef,
  matrix: LoadedMatrix,
  y: TensorRef,
  { adapters, ...optional }: ProjectionOptions,
): void {
  const { step, rows } = lowering;
  const { adapter, subgroupSize, layouts, workspace } = lowering.context;
  const x = inOrder(lowering, input, matrix);
  if (rows === 1) {
    const inputs = { x, matrix, y, adapter, subgroupSize, ...optional };
    lowering.push(...matvec({ ...inputs, variant: layouts.variantOf({ op: "matvec", inputs }) }));
  } else {
    const { multipliesHalves: halves } = layouts;
    const rounded = layouts.roundsInputs && dotsFit(matrix) ? takeRounded(workspace, x) : undefined;
    const inputs = { step, x, matrix, y, adapter, subgroupSize, rounded, halves, ...optional };
    const variant = layouts.variantOf({ op: "matmul", inputs });
    const room = matmulPartials({ ...inputs, variant });
    const partials = room && workspace.take(room);
    lowering.push(...matmul({ ...inputs, variant, partials }));
    if (partials) workspace.give(partials);
    if (rounded) for (const used of Object.values(rounded)) workspace.give(used);
  }
  if (x !== input) workspace.give(x);
  if (!adapters) return;
  const inner = workspace.take([rows, adapters.ranks]);
  lowering.push(...adapters.add({ step, x: input, inner, y, adapter }));
  workspace.give(inner);
}

/** What a projection reads: its input as it is, or a copy in the order of the matrix's columns, for the caller to give back. */
export function inOrder(lowering: Lowering, x: TensorRef, { order }: LoadedMatrix): TensorRef {
  if (!order) return x;
  const y = lowering.context.workspace.take(x.shape);
  lowering.push(reorder({ step: lowering.step, x, order: order.indices, y }));
  return y;
}

/** Room for a projection's input as bytes, which the projection may use or not: the caller gives it back. */
function takeRounded(workspace: Workspace, { shape: [rows = 0, width = 0] }: TensorRef): RoundedRows {
  const { bytes, scales } = roundedShapes(rows, width);
  return { bytes: workspace.take(bytes), scales: workspace.take(scales) };
}
