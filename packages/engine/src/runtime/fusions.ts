import {
  type Graph,
  inputsOf,
  type Node,
  type NormOptions,
  type Operation,
  type OperationOf,
  type Parameter,
  type RopeOptions,
} from "../graph/graph.js";

export type LinearOperation = OperationOf<"linear">;

/** Several projections of one input, computed as one with their rows one after the other. */
export interface MergedLinear {
  readonly x: Node;
  /** A single one where the checkpoint itself holds them as one. */
  readonly parts: readonly LinearOperation[];
}

/** The projections of an attention node, whose queries and keys are rotated alike. */
export interface QkvFusion extends MergedLinear {
  readonly rope: RopeOptions;
  /** Norms of each head of queries and keys before they are rotated. */
  readonly headNorm?: { readonly q: Parameter; readonly k: Parameter; readonly norm: NormOptions };
}

/** What a plan may compute together, found once from the graph alone. Whether it does depends on mode and device. */
export interface Fusions {
  /** By attention node. */
  readonly qkv: ReadonlyMap<Node, QkvFusion>;
  /** By gated node. */
  readonly gateUp: ReadonlyMap<Node, MergedLinear>;
  /** By addition: what only it reads and can be computed as `residual + W x`, or a mixture's `residual + …`. */
  readonly residual: ReadonlyMap<Node, AddingOperation>;
  /** Nodes that one of the above computes: they are not planned on their own. */
  readonly absorbed: ReadonlySet<Node>;
  /** Norms of which every reader is one projection, merged or not, that could norm its input while reading it. */
  readonly inputNorms: ReadonlySet<Node>;
}

/** Operations whose kernels can add a residual to what they compute. */
const ADDING = ["linear", "experts", "sigmoidGate"] as const;

type AddingOperation = OperationOf<(typeof ADDING)[number]>;

/** @param merged - Whether the matrices of these projections are, or can be, one. */
export function findFusions(
  graph: Graph,
  output: Node,
  merged: (parameters: readonly Parameter[]) => boolean = () => true,
): Fusions {
  const uses = countUses(graph, output);
  const once = (node: Node) => uses.get(node) === 1;
  const qkv = new Map<Node, QkvFusion>();
  const gateUp = new Map<Node, MergedLinear>();
  const residual = new Map<Node, AddingOperation>();
  const absorbed = new Set<Node>();
  const absorb = (...nodes: Node[]) => {
    for (const node of nodes) absorbed.add(node);
  };

  for (const node of graph.nodes) {
    const { operation } = node;
    if (operation.op === "attention") {
      const [q, k, v] = [rotatedHeads(operation.q), rotatedHeads(operation.k), headsOf(operation.v)];
      if (!q || !k || !v || JSON.stringify(q.rope) !== JSON.stringify(k.rope)) continue;
      const headNorm = bothNorms(q.norm, k.norm);
      const fusion = headNorm !== false && mergeable([q, k, v], uses, merged);
      if (!fusion) continue;
      qkv.set(node, { ...fusion, rope: q.rope, ...(headNorm && { headNorm }) });
      absorb(...[q, k, v].flatMap(({ nodes }) => nodes));
    } else if (operation.op === "gated") {
      const sources = [sourceOf(operation.gate), sourceOf(operation.up)];
      const fusion = mergeable(sources, uses, merged);
      if (!fusion) continue;
      gateUp.set(node, fusion);
      absorb(...sources.flatMap(({ nodes }) => nodes));
    } else if (operation.op === "add") {
      const { b, scale } = operation;
      // The kernels add what they find as it is.
      if (scale !== 1 || !adding(b.operation) || !once(b)) continue;
      residual.set(node, b.operation);
      absorb(b);
    }
  }
  return {
    qkv,
    gateUp,
    residual,
    absorbed,
    inputNorms: findInputNorms(graph, uses, [...qkv.values(), ...gateUp.values()]),
  };
}

function adding(operation: Operation): operation is AddingOperation {
  return ADDING.some((op) => op === operation.op);
}

/** Tensors to load as one, because every plan would read them as one: matrices, and the biases that go with them. */
export function mergedParameters({
  qkv,
  gateUp,
}: Fusions): { matrices: readonly Parameter[]; biases: readonly Parameter[] }[] {
  return [...qkv.values(), ...gateUp.values()]
    .filter(({ parts }) => parts.length > 1)
    .map(({ parts }) => ({
      matrices: parts.map(({ weight }) => weight),
      biases: parts.flatMap(({ bias }) => bias ?? []),
    }));
}

/** Where a value comes from: a projection, or some columns of one. */
interface Source {
  /** From the last that is looked through to the projection. */
  readonly nodes: readonly Node[];
  readonly linear: Node;
  /** First column, where it is not the whole projection. */
  readonly from?: number;
  readonly width: number;
}

function sourceOf(node: Node): Source {
  const { operation } = node;
  const width = node.features[0]!;
  if (operation.op !== "columns") return { nodes: [node], linear: node, width };
  return { nodes: [node, operation.x], linear: operation.x, from: operation.from, width };
}

type NormOperation = OperationOf<"rmsNorm">;

/** What was split into heads, each perhaps normed, and rotated. */
function rotatedHeads(
  end: Node,
): (Source & { readonly rope: RopeOptions; readonly norm: NormOperation | undefined }) | undefined {
  const { operation } = end;
  if (operation.op !== "rope") return undefined;
  const norm = operation.x.operation.op === "rmsNorm" ? operation.x.operation : undefined;
  const source = headsOf(norm ? norm.x : operation.x);
  const nodes = norm ? [end, operation.x] : [end];
  return source && { ...source, nodes: [...nodes, ...source.nodes], rope: operation.rope, norm };
}

/** What was split into heads. */
function headsOf(node: Node): Source | undefined {
  if (node.operation.op !== "view") return undefined;
  const source = sourceOf(node.operation.x);
  return { ...source, nodes: [node, ...source.nodes] };
}

/** `false` where queries are normed in another way than keys. */
function bothNorms(q: NormOperation | undefined, k: NormOperation | undefined): QkvFusion["headNorm"] | false {
  if (!q && !k) return undefined;
  if (!q || !k || JSON.stringify(q.norm) !== JSON.stringify(k.norm)) return false;
  return { q: q.weight, k: k.weight, norm: q.norm };
}

/**
 * Either linears of the same input, all with a bias or none and none of them shared with another place, or the columns
 * of one, in order and none left out; nothing else reads what lies between.
 */
function mergeable(
  sources: readonly Source[],
  uses: ReadonlyMap<Node, number>,
  merged: (parameters: readonly Parameter[]) => boolean,
): MergedLinear | undefined {
  const whole = sources.every(({ from }) => from === undefined);
  const linears = whole ? sources.map(({ linear }) => linear) : columnsOfOne(sources);
  const parts = linears.map(({ operation }) => operation).filter((operation) => operation.op === "linear");
  const [first] = parts;
  if (!first || parts.length < linears.length) return undefined;
  const readers = (node: Node) => (!whole && node === linears[0] ? sources.length : 1);
  const alike = parts.every(({ x, bias }) => x === first.x && (bias === undefined) === (first.bias === undefined));
  const distinct = new Set(parts.map(({ weight }) => weight.name)).size === parts.length;
  const unshared = sources.every(({ nodes }) => nodes.every((node) => uses.get(node) === readers(node)));
  const fits = alike && distinct && unshared && merged(parts.map(({ weight }) => weight));
  return fits ? { x: first.x, parts } : undefined;
}

/** The projection that these are all the columns of, if they are. */
function columnsOfOne(sources: readonly Source[]): readonly Node[] {
  const linear = sources[0]!.linear;
  let end = 0;
  for (const source of sources) {
    if (source.linear !== linear || source.from !== end) return [];
    end += source.width;
  }
  return end === linear.features[0] ? [linear] : [];
}

function findInputNorms(graph: Graph, uses: ReadonlyMap<Node, number>, merged: readonly MergedLinear[]): Set<Node> {
  const norms = new Set<Node>();
  const consider = (x: Node, parts: readonly LinearOperation[]) => {
    const plain = parts.every(({ bias }) => bias === undefined);
    if (plain && x.operation.op === "rmsNorm" && x.features.length === 1 && uses.get(x) === parts.length) norms.add(x);
  };
  for (const { x, parts } of merged) consider(x, parts);
  for (const { operation } of graph.nodes) if (operation.op === "linear") consider(operation.x, [operation]);
  return norms;
}

function countUses(graph: Graph, output: Node): Map<Node, number> {
  const uses = new Map<Node, number>([[output, 1]]);
  for (const node of graph.nodes) {
    for (const input of inputsOf(node)) uses.set(input, (uses.get(input) ?? 0) + 1);
  }
  return uses;
}
