import { type Dispatch, lastRow, matvecNorms, type TensorRef } from "@alambic/kernels";
import type { Node, Operation, OperationOf } from "../graph/graph.js";
import type { LoadedMatrix } from "../weights/loaded-matrix.js";
import { type Lower, Lowering, type LoweringContext, owner, type Task } from "./lowering.js";

export interface Lowered {
  /** Up to the keys and values of the last layer: what every chunk of a prompt needs. */
  readonly body: readonly Dispatch[];
  /** From there to the logits: only the last chunk needs it. */
  readonly tail: readonly Dispatch[];
  /** `[1, vocabulary]`, or `[rows, vocabulary]` for `all`. Holds until the next submit of this model. */
  readonly logits: TensorRef;
}

/** Turns the record of a model's mathematics into dispatches, with every tensor placed. */
export function lower(context: LoweringContext): Lowered {
  const { graph, output, workspace, logits } = context;
  const tailInput = rowwiseTail(output);
  const lowering = new Lowering(context, inputNorms(context, tailInput));
  const tasks = graph.nodes.flatMap((node) => {
    const task = taskOf(node, lowering);
    return task ? { node, plan: task.plan, reads: task.reads.map(owner) } : [];
  });
  const readers = new Map<Node, number>([[output, 1]]);
  for (const { reads } of tasks) for (const node of reads) readers.set(node, (readers.get(node) ?? 0) + 1);

  workspace.begin();
  let bodyLength = 0;
  for (const { node, reads, plan } of tasks) {
    plan();
    for (const read of reads) {
      const left = readers.get(read)! - 1;
      readers.set(read, left);
      if (left === 0) workspace.give(lowering.value(read));
    }
    if (node !== tailInput) continue;
    bodyLength = lowering.dispatches.length;
    if (logits === "last" && lowering.rows > 1) keepLastRow(lowering, node);
  }
  return {
    body: lowering.dispatches.slice(0, bodyLength),
    tail: lowering.dispatches.slice(bodyLength),
    logits: lowering.value(output),
  };
}

/** `undefined` for what needs no work of its own: views, and what a neighbour computes. */
function taskOf(node: Node, lowering: Lowering): Task | undefined {
  const { fusions, lowerings } = lowering.context;
  const { operation } = node;
  if (operation.op === "view" || lowering.inputNorms.has(node) || fusions.absorbed.has(node)) return undefined;
  const summand = operation.op === "add" && fusions.residual.get(node);
  const [own, residual] = summand ? [summand, operation.a] : [operation];
  const lowerOwn = lowerings[own.op] as Lower<typeof own.op> | undefined; // of this very kind
  if (!lowerOwn) throw new Error(`this plan's lowerings are not of its graph: ${own.op} is missing`);
  return lowerOwn(lowering, node, own, residual);
}

/** From here on only the last row is computed. */
function keepLastRow(lowering: Lowering, node: Node): void {
  const { workspace, one } = lowering.context;
  const x = lowering.value(node);
  const y = workspace.take([1, x.shape[1]!]);
  lowering.push(lastRow({ step: lowering.step, x, y }));
  workspace.give(x);
  lowering.place(node, y);
  lowering.rows = 1;
  lowering.step = one;
}

/** Norms that the projection which reads them does where the layouts allow: for a single token, a dispatch less. */
function inputNorms(context: LoweringContext, tailInput: Node): ReadonlySet<Node> {
  const { rows, logits, layouts, fusions, adapter, subgroupSize } = context;
  if (!layouts.normsInputs) return new Set();
  const single = (node: Node) => rows === 1 || (logits === "last" && node.index > tailInput.index);
  const can = (node: Node) => matvecNorms(adapter, matrixReading(context, node), subgroupSize);
  return new Set([...fusions.inputNorms].filter((node) => single(node) && can(node)));
}

/** Of the one projection that reads a norm, merged or not. */
function matrixReading({ fusions, weights, graph }: LoweringContext, norm: Node): LoadedMatrix {
  const merged = [...fusions.qkv.values(), ...fusions.gateUp.values()].find(({ x }) => x === norm);
  if (merged) return weights.merged(merged.parts.map(({ weight }) => weight))!;
  const linear = graph.nodes.map(({ operation }) => operation).find((one) => one.op === "linear" && one.x === norm);
  return weights.matrix((linear as OperationOf<"linear">).weight.name);
}

/** The last node before the run of row-by-row operations (norm, head, scale, soft-cap) that ends in the output. */
function rowwiseTail(output: Node): Node {
  let node = output;
  while (isRowwise(node.operation)) node = node.operation.x;
  return node;
}

function isRowwise(operation: Operation): operation is OperationOf<"linear" | "rmsNorm" | "scale" | "softcap"> {
  return ["linear", "rmsNorm", "scale", "softcap"].includes(operation.op);
}
