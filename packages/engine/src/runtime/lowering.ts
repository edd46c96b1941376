import { type AdapterReport, type Dispatch, reshape, type TensorRef } from "@alambic/kernels";
import type { AdapterSet } from "../adapters/adapter-set.js";
import type { Graph, Node, Operation, OperationOf, Parameter } from "../graph/graph.js";
import type { LoadedMatrix } from "../weights/loaded-matrix.js";
import type { Fusions } from "./fusions.js";
import type { PlacedCache } from "./kv-cache.js";
import type { Layouts } from "./layouts.js";
import type { PlacedWeights } from "./loaded-weights.js";
import type { Workspace } from "./workspace.js";

/** What a plan is made from. Nothing here changes from token to token. */
export interface LoweringContext {
  readonly graph: Graph;
  readonly output: Node;
  readonly fusions: Fusions;
  /** For every operation of the graph. */
  readonly lowerings: Lowerings;
  readonly weights: PlacedWeights;
  /** LoRA adapters that act, if any do. */
  readonly adapters?: Pick<AdapterSet, "of"> | undefined;
  readonly workspace: Workspace;
  readonly cache: PlacedCache;
  /** `[2]` u32: position and count. */
  readonly step: TensorRef;
  /** The same, always position 0 and count 1. */
  readonly one: TensorRef;
  /** `[rows]` u32. */
  readonly ids: TensorRef;
  /** What an encoder's pass reads beside its ids; a decoder's has none. */
  readonly texts?: TextTensors;
  /** What kernels are laid out for. */
  readonly adapter: AdapterReport["kind"];
  /** Least lanes of a subgroup, 0 where there are none. */
  readonly subgroupSize: number;
  readonly layouts: Layouts;
  /** Tokens a pass can hold. */
  readonly rows: number;
  /** Logits of every row, or of the last alone. */
  readonly logits: "all" | "last";
}

/** Where the texts of an encoder's pass lie, row by row. */
export interface TextTensors {
  /** `[rows]` u32: place of each token in its own text. */
  readonly positions: TensorRef;
  /** `[rows]` u32: which of a pair of texts a token is of. */
  readonly types: TensorRef;
  /** `[rows, 2]` u32: first row of a token's text, and the one past its last. */
  readonly bounds: TensorRef;
}

/** One node's computation: which nodes' tensors it reads, and how to plan it once they are placed. */
export interface Task {
  readonly reads: readonly Node[];
  readonly plan: () => void;
}

/**
 * How operations of one kind are lowered. `node` is whose tensor is written: the operation's own, or that of the addition
 * which it does too, with `residual` for the other summand.
 */
export type Lower<Op extends Operation["op"]> = (
  lowering: Lowering,
  node: Node,
  operation: OperationOf<Op>,
  residual: Node | undefined,
) => Task;

/** How each operation is lowered. A view needs no work. */
export type Lowerings = { readonly [Op in Exclude<Operation["op"], "view">]?: Lower<Op> };

/** A plan while it is made: where the nodes' tensors are, and the dispatches so far. */
export class Lowering {
  readonly context: LoweringContext;
  readonly dispatches: Dispatch[] = [];
  /** `[2]` u32: position and count of the rows. */
  step: TensorRef;
  /** Rows that are computed. */
  rows: number;
  /** Norms that have no dispatch of their own: the one projection that reads them norms its input. */
  readonly inputNorms: ReadonlySet<Node>;
  readonly #values = new Map<Node, TensorRef>();

  constructor(context: LoweringContext, inputNorms: ReadonlySet<Node>) {
    this.context = context;
    this.inputNorms = inputNorms;
    this.step = context.step;
    this.rows = context.rows;
  }

  push(...dispatches: readonly Dispatch[]): void {
    this.dispatches.push(...dispatches);
  }

  /** A place for a node's tensor. */
  take(node: Node): TensorRef {
    return this.place(node, this.context.workspace.take([this.rows, ...node.features]));
  }

  /** Says where a node's tensor is. */
  place(node: Node, value: TensorRef): TensorRef {
    this.#values.set(node, value);
    return value;
  }

  /** A node's tensor in the shape in which it is seen: views share the tensor of what they show. */
  see(node: Node): TensorRef {
    const value = this.value(owner(node));
    return node.operation.op === "view" ? reshape(value, [this.rows, ...node.features]) : value;
  }

  /** Where the tensor of a node that is no view is. */
  value(node: Node): TensorRef {
    const value = this.#values.get(node);
    if (!value) throw new Error(`node ${node.index} (${node.operation.op}) is used before it is computed`);
    return value;
  }

  matrix({ name }: Parameter): LoadedMatrix {
    return this.context.weights.matrix(name);
  }

  vector({ name }: Parameter): TensorRef {
    return this.context.weights.vector(name);
  }
}

/** The node whose tensor a view shows. */
export function owner(node: Node): Node {
  return node.operation.op === "view" ? owner(node.operation.x) : node;
}
