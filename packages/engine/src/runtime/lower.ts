import {
  type AdapterReport,
  activate,
  add,
  attentionDecode,
  attentionPartials,
  attentionPrefill,
  attentionTexts,
  columns,
  type Dispatch,
  dotsFit,
  embed,
  gateUp,
  kvAppend,
  type LoraWeights,
  lastRow,
  layerNorm,
  lora,
  matmul,
  matvec,
  qkv,
  qkvFits,
  type RoundedRows,
  reorder,
  reshape,
  rmsNorm,
  rope,
  ropeAppend,
  roundedShapes,
  route,
  scale,
  sigmoidGate,
  softcap,
  swiglu,
  swigluMerged,
  type TensorRef,
} from "@alambic/kernels";
import type { AdapterSet } from "../adapters/adapter-set.js";
import { type Graph, inputsOf, type Node, type NormOptions, type Operation, type Parameter } from "../graph/graph.js";
import type { LoadedMatrix } from "../weights/loaded-matrix.js";
import type { Fusions, LinearOperation, MergedLinear, QkvFusion } from "./fusions.js";
import type { PlacedCache } from "./kv-cache.js";
import type { Layouts } from "./layouts.js";
import type { PlacedWeights } from "./loaded-weights.js";
import { lowerExperts } from "./lower-experts.js";
import type { Workspace } from "./workspace.js";

/** What a plan is made from. Nothing here changes from token to token. */
export interface LoweringContext {
  readonly graph: Graph;
  readonly output: Node;
  readonly fusions: Fusions;
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
  return new Lowering(context).run();
}

/** One node's computation: which tensors it reads, and how to plan it once they are placed. */
interface Task {
  readonly node: Node;
  readonly reads: readonly Node[];
  readonly plan: () => void;
}

/** The input of a projection: as it is, or to be normed while it is read. */
interface Input {
  readonly node: Node;
  readonly norm?: { readonly weight: TensorRef } & NormOptions;
}

/** What a projection does beside its product. */
type ProjectionOptions = Omit<Parameters<typeof matvec>[0], "x" | "matrix" | "y"> & {
  readonly adapters: LoraWeights | undefined;
};

class Lowering {
  readonly #context: LoweringContext;
  readonly #values = new Map<Node, TensorRef>();
  readonly #dispatches: Dispatch[] = [];
  readonly #tailInput: Node;
  #rows: number;
  #step: TensorRef;

  constructor(context: LoweringContext) {
    this.#context = context;
    this.#tailInput = rowwiseTail(context.output);
    this.#rows = context.rows;
    this.#step = context.step;
  }

  run(): Lowered {
    const { graph, output, workspace, logits } = this.#context;
    const tasks = graph.nodes.flatMap((node) => this.#task(node) ?? []);
    const readers = new Map<Node, number>([[output, 1]]);
    for (const { reads } of tasks) for (const node of reads) readers.set(node, (readers.get(node) ?? 0) + 1);

    workspace.begin();
    let bodyLength = 0;
    for (const { node, reads, plan } of tasks) {
      plan();
      for (const read of reads) {
        const left = readers.get(read)! - 1;
        readers.set(read, left);
        if (left === 0) workspace.give(this.#value(read));
      }
      if (node !== this.#tailInput) continue;
      bodyLength = this.#dispatches.length;
      if (logits === "last" && this.#rows > 1) this.#keepLastRow(node);
    }
    return {
      body: this.#dispatches.slice(0, bodyLength),
      tail: this.#dispatches.slice(bodyLength),
      logits: this.#value(output),
    };
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

  /** `undefined` for what needs no work of its own: views, and what a neighbour computes. */
  #task(node: Node): Task | undefined {
    const { fusions } = this.#context;
    const { operation } = node;
    const task = (reads: readonly Node[], plan: () => void): Task => ({ node, reads: reads.map(owner), plan });
    if (operation.op === "view" || this.#normsInput(node)) return undefined;
    if (fusions.absorbed.has(node)) return undefined;
    switch (operation.op) {
      case "tokens":
        return task([], () => this.#values.set(node, reshape(this.#context.ids, [this.#rows])));
      case "positions":
        return task([], () => this.#values.set(node, this.#texts.positions));
      case "types":
        return task([], () => this.#values.set(node, this.#texts.types));
      case "embed":
        return task([operation.tokens], () => this.#embed(node, operation));
      case "rmsNorm":
        return task([operation.x], () => this.#rmsNorm(node, operation));
      case "layerNorm":
        return task([operation.x], () => this.#layerNorm(node, operation));
      case "linear": {
        const input = this.#input(operation.x);
        return task([input.node], () => this.#linear(node, operation, input));
      }
      case "columns":
        return task([operation.x], () => this.#columns(node, operation));
      case "softcap":
        return task([operation.x], () => this.#softcap(node, operation));
      case "scale":
        return task([operation.x], () => this.#scale(node, operation));
      case "rope":
        return task([operation.x], () => this.#rope(node, operation));
      case "attention": {
        const fusion = fusions.qkv.get(node);
        if (!fusion) return task(inputsOf(node), () => this.#attentionOf(node, operation));
        const input = this.#input(fusion.x);
        return task([input.node], () => this.#qkvAttention(node, operation, fusion, input));
      }
      case "bidirectional":
        return task(inputsOf(node), () => this.#bidirectional(node, operation));
      case "activate":
        return task([operation.x], () => this.#activate(node, operation));
      case "gated": {
        const fusion = fusions.gateUp.get(node);
        if (!fusion) return task(inputsOf(node), () => this.#gated(node, operation));
        const input = this.#input(fusion.x);
        return task([input.node], () => this.#gateUp(node, operation, fusion, input));
      }
      case "route":
        return task([operation.x], () => this.#route(node, operation));
      case "experts":
        return task(inputsOf(node), () => this.#experts(node, operation));
      case "sigmoidGate":
        return task(inputsOf(node), () => this.#sigmoidGate(node, operation));
      case "add": {
        const source = fusions.residual.get(node);
        if (!source) return task(inputsOf(node), () => this.#add(node, operation));
        const projection = source.operation;
        if (projection.op === "experts")
          return task([...inputsOf(source), operation.a], () => this.#experts(node, projection, operation.a));
        if (projection.op === "sigmoidGate")
          return task([...inputsOf(source), operation.a], () => this.#sigmoidGate(node, projection, operation.a));
        if (projection.op !== "linear") throw new Error(`${projection.op} adds no residual`);
        const input = this.#input(projection.x);
        return task([input.node, operation.a], () => this.#linear(node, projection, input, operation.a));
      }
    }
  }

  #merged({ parts }: MergedLinear): LoadedMatrix {
    return this.#context.weights.merged(parts.map(({ weight }) => weight))!;
  }

  /** A single token is normed by the projection that reads it where the layouts allow: a dispatch less. */
  #normsInput(node: Node): boolean {
    const single = this.#context.rows === 1 || (this.#context.logits === "last" && node.index > this.#tailInput.index);
    return single && this.#context.layouts.normsInputs && this.#context.fusions.inputNorms.has(node);
  }

  #input(x: Node): Input {
    const { operation } = x;
    if (operation.op !== "rmsNorm" || !this.#normsInput(x)) return { node: x };
    return { node: operation.x, norm: { weight: this.#vector(operation.weight), ...operation.norm } };
  }

  #embed(node: Node, { tokens, table, scale }: Operation & { op: "embed" }): void {
    const ids = this.#see(tokens);
    this.#dispatches.push(...embed({ step: this.#step, ids, matrix: this.#matrix(table), y: this.#take(node), scale }));
  }

  #rmsNorm(node: Node, { x, weight, norm }: Operation & { op: "rmsNorm" }): void {
    const inputs = { step: this.#step, x: this.#see(x), weight: this.#vector(weight), ...norm };
    this.#dispatches.push(rmsNorm({ ...inputs, y: this.#take(node) }));
  }

  #layerNorm(node: Node, { x, weight, bias, eps }: Operation & { op: "layerNorm" }): void {
    const inputs = { step: this.#step, x: this.#see(x), weight: this.#vector(weight), bias: this.#vector(bias), eps };
    this.#dispatches.push(layerNorm({ ...inputs, y: this.#take(node) }));
  }

  #columns(node: Node, { x, from }: Operation & { op: "columns" }): void {
    this.#dispatches.push(columns({ step: this.#step, x: this.#see(x), from, y: this.#take(node) }));
  }

  #softcap(node: Node, { x, cap }: Operation & { op: "softcap" }): void {
    this.#dispatches.push(softcap({ step: this.#step, x: this.#see(x), cap, y: this.#take(node) }));
  }

  #scale(node: Node, { x, factor }: Operation & { op: "scale" }): void {
    this.#dispatches.push(scale({ step: this.#step, x: this.#see(x), factor, y: this.#take(node) }));
  }

  #linear(node: Node, { weight, bias }: LinearOperation, { node: x, norm }: Input, residual?: Node): void {
    this.#project(this.#see(x), this.#matrix(weight), this.#take(node), {
      ...(norm && { norm }),
      ...(residual && { residual: this.#see(residual) }),
      ...(bias && { bias: this.#vector(bias) }),
      adapters: this.#adaptersOf([{ weight }]),
    });
  }

  #adaptersOf(parts: readonly Pick<LinearOperation, "weight">[]): LoraWeights | undefined {
    return this.#context.adapters?.of(parts.map(({ weight }) => weight));
  }

  #project(input: TensorRef, matrix: LoadedMatrix, y: TensorRef, { adapters, ...optional }: ProjectionOptions): void {
    const { adapter, subgroupSize, layouts, workspace } = this.#context;
    const x = this.#ordered(input, matrix);
    if (this.#rows === 1) {
      const inputs = { x, matrix, y, adapter, subgroupSize, ...optional };
      this.#dispatches.push(...matvec({ ...inputs, variant: layouts.variantOf({ op: "matvec", inputs }) }));
    } else {
      const rounded = layouts.roundsInputs && dotsFit(matrix) ? takeRounded(workspace, x) : undefined;
      const inputs = { step: this.#step, x, matrix, y, adapter, subgroupSize, rounded, ...optional };
      this.#dispatches.push(...matmul({ ...inputs, variant: layouts.variantOf({ op: "matmul", inputs }) }));
      if (rounded) for (const used of Object.values(rounded)) workspace.give(used);
    }
    if (x !== input) workspace.give(x);
    if (!adapters) return;
    const inner = workspace.take([this.#rows, adapters.scales.shape[0]!]);
    this.#dispatches.push(...lora({ step: this.#step, x: input, weights: adapters, inner, y, adapter }));
    workspace.give(inner);
  }

  /** What a projection reads: its input as it is, or a copy in the order of the matrix's columns, for the caller to give back. */
  #ordered(x: TensorRef, { order }: LoadedMatrix): TensorRef {
    if (!order) return x;
    const y = this.#context.workspace.take(x.shape);
    this.#dispatches.push(reorder({ step: this.#step, x, order: order.indices, y }));
    return y;
  }

  #rope(node: Node, { x, rope: options }: Operation & { op: "rope" }): void {
    const table = this.#context.weights.ropeTable(options, node.features.at(-1)!);
    this.#dispatches.push(rope({ step: this.#step, x: this.#see(x), table, y: this.#take(node) }));
  }

  #attentionOf(node: Node, operation: Operation & { op: "attention" }): void {
    const { q, k, v, layer } = operation;
    const { form: kv } = this.#context.cache;
    const cache = this.#context.cache.layer(layer).both;
    this.#dispatches.push(kvAppend({ step: this.#step, k: this.#see(k), v: this.#see(v), cache, kv }));
    this.#attend(node, this.#see(q), operation);
  }

  /** Projections, norms of heads, rotation and append in one dispatch for a plain token, in two for others; then attention. */
  #qkvAttention(
    node: Node,
    operation: Operation & { op: "attention" },
    fusion: QkvFusion,
    { node: x, norm }: Input,
  ): void {
    const { workspace, weights, adapter, subgroupSize, layouts, cache: caches } = this.#context;
    const [step, cache, kv] = [this.#step, caches.layer(operation.layer).both, caches.form];
    const matrix = this.#merged(fusion);
    const table = weights.ropeTable(fusion.rope, node.features[1]!);
    const q = workspace.take([this.#rows, ...node.features]);
    const bias = this.#mergedBias(fusion);
    const adapters = this.#adaptersOf(fusion.parts);
    const { headNorm, rope } = fusion;
    const plain = !headNorm && rope.rotaryDim === undefined; // all that the kernel for a single token does
    if (this.#rows === 1 && plain && !adapters && qkvFits(matrix, node.features[1]!, kv)) {
      const optional = { ...(norm && { norm }), ...(bias && { bias }) };
      const ordered = this.#ordered(this.#see(x), matrix);
      const inputs = { step, x: ordered, matrix, table, q, cache, kv, adapter, subgroupSize, ...optional };
      this.#dispatches.push(qkv({ ...inputs, variant: layouts.variantOf({ op: "qkv", inputs }) }));
      if (matrix.order) workspace.give(ordered);
    } else {
      const projected = workspace.take([this.#rows, matrix.shape[0]]);
      this.#project(this.#see(x), matrix, projected, { ...(norm && { norm }), ...(bias && { bias }), adapters });
      const norms = headNorm && { q: this.#vector(headNorm.q), k: this.#vector(headNorm.k), ...headNorm.norm };
      const inputs = { step, qkv: projected, table, q, cache, kv, ...(norms && { headNorm: norms }) };
      this.#dispatches.push(ropeAppend(inputs));
      workspace.give(projected);
    }
    this.#attend(node, q, operation);
    workspace.give(q);
  }

  #attend(node: Node, q: TensorRef, { layer, options }: Operation & { op: "attention" }): void {
    const { cache, workspace, adapter, subgroupSize } = this.#context;
    const { keys, values } = cache.layer(layer);
    const [heads = 0, headDim = 0] = node.features;
    const { scale = 1 / Math.sqrt(headDim), causal, ...rest } = options;
    const kv = cache.form;
    const inputs = {
      step: this.#step,
      q,
      keys,
      values,
      kv,
      y: this.#take(node),
      scale,
      adapter,
      subgroupSize,
      ...rest,
    };
    if (this.#rows === 1) {
      const partials = workspace.take(attentionPartials({ heads, headDim, capacity: cache.capacity }));
      this.#dispatches.push(...attentionDecode({ ...inputs, partials }));
      workspace.give(partials);
    } else {
      this.#dispatches.push(attentionPrefill({ ...inputs, causal }));
    }
  }

  #bidirectional(node: Node, { q, k, v }: Operation & { op: "bidirectional" }): void {
    const scale = 1 / Math.sqrt(node.features[1]!);
    const inputs = { step: this.#step, q: this.#see(q), keys: this.#see(k), values: this.#see(v), scale };
    const { adapter } = this.#context;
    this.#dispatches.push(attentionTexts({ ...inputs, texts: this.#texts.bounds, y: this.#take(node), adapter }));
  }

  #activate(node: Node, { x, activation }: Operation & { op: "activate" }): void {
    this.#dispatches.push(activate({ step: this.#step, x: this.#see(x), y: this.#take(node), activation }));
  }

  #gated(node: Node, { gate, up, activation }: Operation & { op: "gated" }): void {
    const inputs = { step: this.#step, gate: this.#see(gate), up: this.#see(up), activation };
    this.#dispatches.push(swiglu({ ...inputs, y: this.#take(node) }));
  }

  #gateUp(
    node: Node,
    { activation }: Operation & { op: "gated" },
    fusion: MergedLinear,
    { node: x, norm }: Input,
  ): void {
    const { workspace, adapter, subgroupSize, layouts } = this.#context;
    const matrix = this.#merged(fusion);
    const bias = this.#mergedBias(fusion);
    const optional = { ...(norm && { norm }), ...(bias && { bias }) };
    const adapters = this.#adaptersOf(fusion.parts);
    if (this.#rows === 1 && !adapters) {
      const ordered = this.#ordered(this.#see(x), matrix);
      const inputs = { x: ordered, matrix, y: this.#take(node), activation, adapter, subgroupSize, ...optional };
      this.#dispatches.push(gateUp({ ...inputs, variant: layouts.variantOf({ op: "gateUp", inputs }) }));
      if (matrix.order) workspace.give(ordered);
      return;
    }
    const projected = workspace.take([this.#rows, matrix.shape[0]]);
    this.#project(this.#see(x), matrix, projected, { ...optional, adapters });
    this.#dispatches.push(swigluMerged({ step: this.#step, gateUp: projected, y: this.#take(node), activation }));
    workspace.give(projected);
  }

  #add(node: Node, { a, b, scale }: Operation & { op: "add" }): void {
    this.#dispatches.push(add({ step: this.#step, a: this.#see(a), b: this.#see(b), scale, y: this.#take(node) }));
  }

  #route(node: Node, { x, normalise }: Operation & { op: "route" }): void {
    this.#dispatches.push(route({ step: this.#step, logits: this.#see(x), choices: this.#take(node), normalise }));
  }

  #experts(node: Node, { x, route, gateUp, down, activation }: Operation & { op: "experts" }, residual?: Node): void {
    const { workspace, adapter } = this.#context;
    const stack = (parameter: typeof down) => ({
      matrix: this.#matrix(parameter),
      experts: parameter.experts.count,
    });
    const inputs = {
      ...{ step: this.#step, x: this.#see(x), choices: this.#see(route), y: this.#take(node) },
      ...{ gateUp: stack(gateUp), down: stack(down), activation, adapter },
      ...(residual && { residual: this.#see(residual) }),
    };
    this.#dispatches.push(...lowerExperts(workspace, inputs));
  }

  #sigmoidGate(node: Node, { x, gate }: Operation & { op: "sigmoidGate" }, residual?: Node): void {
    const inputs = { step: this.#step, x: this.#see(x), gate: this.#see(gate), y: this.#take(node) };
    this.#dispatches.push(sigmoidGate({ ...inputs, ...(residual && { residual: this.#see(residual) }) }));
  }

  get #texts(): TextTensors {
    const { texts } = this.#context;
    if (!texts) throw new Error("this graph is an encoder's, and the plan a decoder's");
    return texts;
  }

  #mergedBias({ parts }: MergedLinear): TensorRef | undefined {
    const biases = parts.flatMap(({ bias }) => bias ?? []);
    return biases.length > 0 ? this.#context.weights.mergedVector(biases) : undefined;
  }

  #matrix({ name }: Parameter): LoadedMatrix {
    return this.#context.weights.matrix(name);
  }

  #vector({ name }: Parameter): TensorRef {
    return this.#context.weights.vector(name);
  }

  #value(node: Node): TensorRef {
    const value = this.#values.get(node);
    if (!value) throw new Error(`node ${node.index} (${node.operation.op}) is used before it is computed`);
    return value;
  }

  /** A node's tensor in the shape in which it is seen: views share the tensor of what they show. */
  #see(node: Node): TensorRef {
    const value = this.#value(owner(node));
    return node.operation.op === "view" ? reshape(value, [this.#rows, ...node.features]) : value;
  }

  #take(node: Node): TensorRef {
    const value = this.#context.workspace.take([this.#rows, ...node.features]);
    this.#values.set(node, value);
    return value;
  }
}

/** Room for a projection's input as bytes, which the projection may use or not: the caller gives it back. */
function takeRounded(workspace: Workspace, { shape: [rows = 0, width = 0] }: TensorRef): RoundedRows {
  const { bytes, scales } = roundedShapes(rows, width);
  return { bytes: workspace.take(bytes), scales: workspace.take(scales) };
}

/** The node whose tensor a view shows. */
function owner(node: Node): Node {
  return node.operation.op === "view" ? owner(node.operation.x) : node;
}

/** The last node before the run of row-by-row operations (norm, head, scale, soft-cap) that ends in the output. */
function rowwiseTail(output: Node): Node {
  let node = output;
  while (isRowwise(node.operation)) node = node.operation.x;
  return node;
}

function isRowwise(operation: Operation): operation is Operation & { op: "linear" | "rmsNorm" | "scale" | "softcap" } {
  return ["linear", "rmsNorm", "scale", "softcap"].includes(operation.op);
}
