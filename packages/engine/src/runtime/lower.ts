import {
  type AdapterReport,
  add,
  attentionDecode,
  attentionPartials,
  attentionPrefill,
  type Dispatch,
  embed,
  kvAppend,
  lastRow,
  type Matrix,
  matmul,
  matvec,
  reshape,
  rmsNorm,
  rope,
  swiglu,
  type TensorRef,
} from "@alambic/kernels";
import { type Graph, inputsOf, type Node, type Operation } from "../graph/graph.js";
import type { PlacedCache } from "./kv-cache.js";
import type { LoadedWeights } from "./loaded-weights.js";
import type { Workspace } from "./workspace.js";

/** What a plan is made from. Nothing here changes from token to token. */
export interface LoweringContext {
  readonly graph: Graph;
  readonly output: Node;
  readonly weights: LoadedWeights;
  readonly workspace: Workspace;
  readonly cache: PlacedCache;
  /** `[2]` u32: position and count. */
  readonly step: TensorRef;
  /** The same, always position 0 and count 1. */
  readonly one: TensorRef;
  /** `[rows]` u32. */
  readonly ids: TensorRef;
  /** What kernels are laid out for. */
  readonly adapter: AdapterReport["kind"];
  /** Tokens a pass can hold. */
  readonly rows: number;
  /** Logits of every row, or of the last alone. */
  readonly logits: "all" | "last";
}

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
  const lowering = new Lowering(context);
  return lowering.run();
}

class Lowering {
  readonly #context: LoweringContext;
  readonly #values = new Map<Node, TensorRef>();
  readonly #uses = new Map<Node, number>();
  /** A linear whose result only an addition reads is computed by that addition, as `residual + W x`. */
  readonly #fused = new Map<Node, Operation & { op: "linear" }>();
  readonly #dispatches: Dispatch[] = [];
  #rows: number;
  #step: TensorRef;

  constructor(context: LoweringContext) {
    this.#context = context;
    this.#rows = context.rows;
    this.#step = context.step;
  }

  run(): Lowered {
    const { graph, output, workspace, logits } = this.#context;
    workspace.begin();
    this.#findFusions(graph, output);
    const tailInput = rowwiseTail(output);
    let bodyLength = 0;
    for (const node of graph.nodes) {
      this.#lowerNode(node);
      if (node !== tailInput) continue;
      bodyLength = this.#dispatches.length;
      if (logits === "last" && this.#rows > 1) this.#keepLastRow(node);
    }
    return {
      body: this.#dispatches.slice(0, bodyLength),
      tail: this.#dispatches.slice(bodyLength),
      logits: this.#value(output),
    };
  }

  #findFusions(graph: Graph, output: Node): void {
    for (const node of graph.nodes) {
      for (const input of inputsOf(node)) this.#uses.set(input, (this.#uses.get(input) ?? 0) + 1);
    }
    this.#uses.set(output, (this.#uses.get(output) ?? 0) + 1);
    for (const { operation } of graph.nodes) {
      if (operation.op !== "add") continue;
      const linear = operation.b.operation;
      if (linear.op === "linear" && this.#uses.get(operation.b) === 1) this.#fused.set(operation.b, linear);
    }
  }

  #keepLastRow(node: Node): void {
    const x = this.#value(node);
    const y = this.#context.workspace.take([1, x.shape[1]!]);
    this.#dispatches.push(lastRow({ step: this.#step, x, y }));
    this.#context.workspace.give(x);
    this.#values.set(node, y);
    this.#rows = 1;
    this.#step = this.#context.one;
  }

  #lowerNode(node: Node): void {
    if (this.#fused.has(node)) return; // its addition computes it
    const { operation } = node;
    switch (operation.op) {
      case "tokens":
        this.#values.set(node, reshape(this.#context.ids, [this.#rows]));
        return;
      case "view":
        this.#values.set(node, reshape(this.#value(operation.x), [this.#rows, ...node.features]));
        return;
      case "embed":
        this.#dispatches.push(
          ...embed({
            step: this.#step,
            ids: this.#value(operation.tokens),
            matrix: this.#matrix(operation.table.name),
            y: this.#take(node),
          }),
        );
        return;
      case "rmsNorm": {
        const x = this.#value(operation.x);
        const weight = this.#context.weights.vector(operation.weight.name);
        this.#dispatches.push(rmsNorm({ step: this.#step, x, weight, y: this.#take(node), eps: operation.eps }));
        break;
      }
      case "linear":
        this.#linear(node, operation);
        break;
      case "rope": {
        const table = this.#context.weights.ropeTable(operation.rope, node.features.at(-1)!);
        this.#dispatches.push(rope({ step: this.#step, x: this.#value(operation.x), table, y: this.#take(node) }));
        break;
      }
      case "attention":
        this.#attention(node, operation);
        break;
      case "gated": {
        const { activation } = operation;
        const [gate, up] = [this.#value(operation.gate), this.#value(operation.up)];
        this.#dispatches.push(swiglu({ step: this.#step, gate, up, y: this.#take(node), activation }));
        break;
      }
      case "add":
        this.#add(node, operation);
        break;
    }
    this.#release(node);
  }

  #linear(node: Node, operation: Operation & { op: "linear" }, residual?: TensorRef): void {
    const inputs = {
      x: this.#value(operation.x),
      matrix: this.#matrix(operation.weight.name),
      y: this.#take(node),
      adapter: this.#context.adapter,
      ...(residual && { residual }),
      ...(operation.bias && { bias: this.#context.weights.vector(operation.bias.name) }),
    };
    this.#dispatches.push(...(this.#rows === 1 ? matvec(inputs) : matmul({ step: this.#step, ...inputs })));
  }

  #add(node: Node, { a, b }: Operation & { op: "add" }): void {
    const linear = this.#fused.get(b);
    if (linear) {
      this.#linear(node, linear, this.#value(a));
      this.#releaseInputsOf(b);
    } else {
      this.#dispatches.push(add({ step: this.#step, a: this.#value(a), b: this.#value(b), y: this.#take(node) }));
    }
  }

  #attention(node: Node, { q, k, v, layer, options }: Operation & { op: "attention" }): void {
    const { cache, workspace } = this.#context;
    const { keys, values } = cache.layer(layer);
    const [heads = 0, headDim = 0] = node.features;
    const step = this.#step;
    this.#dispatches.push(kvAppend({ step, k: this.#value(k), v: this.#value(v), keys, values }));
    const { scale = 1 / Math.sqrt(headDim), causal, ...rest } = options;
    const inputs = { step, q: this.#value(q), keys, values, y: this.#take(node), scale, ...rest };
    if (this.#rows === 1) {
      const partials = workspace.take(attentionPartials({ heads, headDim, capacity: cache.capacity }));
      this.#dispatches.push(...attentionDecode({ ...inputs, partials }));
      workspace.give(partials);
    } else {
      this.#dispatches.push(attentionPrefill({ ...inputs, causal }));
    }
  }

  #matrix(name: string): Matrix {
    return this.#context.weights.matrix(name);
  }

  #value(node: Node): TensorRef {
    const value = this.#values.get(node);
    if (!value) throw new Error(`node ${node.index} (${node.operation.op}) is used before it is computed`);
    return value;
  }

  #take(node: Node): TensorRef {
    const value = this.#context.workspace.take([this.#rows, ...node.features]);
    this.#values.set(node, value);
    return value;
  }

  #release(node: Node): void {
    this.#releaseInputsOf(node);
  }

  /** One reader fewer; after the last, the buffer is free. A view passes the question on to what it shows. */
  #releaseInputsOf(node: Node): void {
    for (const input of inputsOf(node)) {
      if (this.#fused.has(input)) continue;
      const left = this.#uses.get(input)! - 1;
      this.#uses.set(input, left);
      if (left > 0) continue;
      if (input.operation.op === "view") this.#releaseInputsOf(input);
      else this.#context.workspace.give(this.#value(input));
    }
  }
}

/** The last node before the run of row-by-row operations (norm, head) that ends in the output. */
function rowwiseTail(output: Node): Node {
  let node = output;
  while (node.operation.op === "linear" || node.operation.op === "rmsNorm") node = node.operation.x;
  return node;
}
