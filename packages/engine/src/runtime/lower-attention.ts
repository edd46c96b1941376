import {
  attentionDecode,
  attentionPartials,
  attentionPrefill,
  kvAppend,
  qkv,
  qkvFits,
  rope,
  ropeAppend,
  type TensorRef,
} from "@alambic/kernels";
import type { Node, OperationOf } from "../graph/graph.js";
import type { QkvFusion } from "./fusions.js";
import { inOrder, mergedProjection, project, projectionInput } from "./lower-projections.js";
import type { Lower, Lowering, Task } from "./lowering.js";

export const lowerRope: Lower<"rope"> = (lowering, node, { x, rope: options }) => {
  const plan = () => {
    const table = lowering.context.weights.ropeTable(options, node.features.at(-1)!);
    lowering.push(rope({ step: lowering.step, x: lowering.see(x), table, y: lowering.take(node) }));
  };
  return { reads: [x], plan };
};

/** Appends keys and values to the cache and attends to all in it, with the projections before where those are one. */
export const lowerAttention: Lower<"attention"> = (lowering, node, operation) => {
  const fusion = lowering.context.fusions.qkv.get(node);
  if (fusion) return lowerQkvAttention(lowering, node, operation, fusion);
  const { q, k, v, layer } = operation;
  const plan = () => {
    const { cache: caches } = lowering.context;
    const [cache, kv] = [caches.layer(layer).both, caches.form];
    lowering.push(kvAppend({ step: lowering.step, k: lowering.see(k), v: lowering.see(v), cache, kv }));
    attend(lowering, node, lowering.see(q), operation);
  };
  return { reads: [q, k, v], plan };
};

/** Projections, norms of heads, rotation and append in one dispatch for a plain token, in two for others; then attention. */
function lowerQkvAttention(
  lowering: Lowering,
  node: Node,
  operation: OperationOf<"attention">,
  fusion: QkvFusion,
): Task {
  const { workspace, weights, adapter, subgroupSize, layouts, cache: caches } = lowering.context;
  const { headNorm, rope } = fusion;
  const { node: x, norm } = projectionInput(lowering, fusion.x);
  const plan = () => {
    const { step, rows } = lowering;
    const [cache, kv] = [caches.layer(operation.layer).both, caches.form];
    const { matrix, bias, adapters } = mergedProjection(lowering.context, fusion);
    const table = weights.ropeTable(rope, node.features[1]!);
    const q = workspace.take([rows, ...node.features]);
    const optional = { ...(norm && { norm }), ...(bias && { bias }) };
    const plain = !headNorm && rope.rotaryDim === undefined; // all that the kernel for a single token does
    if (rows === 1 && plain && !adapters && qkvFits(matrix, node.features[1]!, kv)) {
      const ordered = inOrder(lowering, lowering.see(x), matrix);
      const inputs = { step, x: ordered, matrix, table, q, cache, kv, adapter, subgroupSize, ...optional };
      lowering.push(qkv({ ...inputs, variant: layouts.variantOf({ op: "qkv", inputs }) }));
      if (matrix.order) workspace.give(ordered);
    } else {
      const projected = workspace.take([rows, matrix.shape[0]]);
      project(lowering, lowering.see(x), matrix, projected, { ...optional, adapters });
      const norms = headNorm && { q: lowering.vector(headNorm.q), k: lowering.vector(headNorm.k), ...headNorm.norm };
      const inputs = { step, qkv: projected, table, q, cache, kv, ...(norms && { headNorm: norms }) };
      lowering.push(ropeAppend(inputs));
      workspace.give(projected);
    }
    attend(lowering, node, q, operation);
    workspace.give(q);
  };
  return { reads: [x], plan };
}

function attend(lowering: Lowering, node: Node, q: TensorRef, { layer, options }: OperationOf<"attention">): void {
  const { cache, workspace, adapter, subgroupSize, layouts } = lowering.context;
  const { keys, values } = cache.layer(layer);
  const [heads = 0, headDim = 0] = node.features;
  const { scale = 1 / Math.sqrt(headDim), causal, ...rest } = options;
  const inputs = {
    ...{ step: lowering.step, q, keys, values, kv: cache.form, y: lowering.take(node) },
    ...{ scale, adapter, subgroupSize, ...rest },
  };
  if (lowering.rows === 1) {
    const partials = workspace.take(attentionPartials({ heads, headDim, capacity: cache.capacity }));
    const problem = { op: "attentionDecode", inputs: { ...inputs, partials } } as const;
    lowering.push(...attentionDecode({ ...problem.inputs, variant: layouts.variantOf(problem) }));
    workspace.give(partials);
  } else {
    const problem = { op: "attentionPrefill", inputs: { ...inputs, causal } } as const;
    lowering.push(attentionPrefill({ ...problem.inputs, variant: layouts.variantOf(problem) }));
  }
}
