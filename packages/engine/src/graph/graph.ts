import type { RopeScaling } from "@alambic/kernels";
import { ShapeError } from "@alambic/kernels";

/** A tensor of the checkpoint that the model asks for, with the shape its config implies. */
export interface Parameter {
  /** The tensor's name in the checkpoint: `model.layers.0.self_attn.q_proj.weight`. */
  readonly name: string;
  /** The name without its last part: what quantised formats hang their tensors on. */
  readonly module: string;
  /** `matrix`: `[out, in]`, may be quantised. `vector`: norms and biases, always f32 on the GPU. */
  readonly kind: "matrix" | "vector";
  readonly shape: readonly number[];
  /** The embedding and the output head keep 8 bits where the rest is brought to 4. */
  readonly vocabulary: boolean;
  /** What decides over experts stays as it is stored: it is small, and a wrong choice costs more than a wrong number. */
  readonly router?: boolean;
  /** A matrix of each of several experts, their rows one after the other; `name` and `module` are none of the checkpoint's. */
  readonly experts?: ExpertParameters;
}

export interface ExpertParameters {
  readonly count: number;
  /** How many of them a token is sent to. */
  readonly active: number;
  /** The modules that each expert's rows are of: `model.layers.0.mlp.experts.7.` with these after it. */
  readonly parts: readonly string[];
}

/** The modules of a stack, in the order in which their rows stand in it. */
export function expertModules({ module, experts }: Parameter & { readonly experts: ExpertParameters }): string[] {
  const place = module.slice(0, module.lastIndexOf("."));
  return Array.from({ length: experts.count }, (_, expert) =>
    experts.parts.map((part) => `${place}.${expert}.${part}`),
  ).flat();
}

export interface RopeOptions {
  readonly theta: number;
  /** Dimensions of a head that turn; all unless given. */
  readonly rotaryDim?: number;
  readonly scaling?: RopeScaling;
}

export interface AttentionOptions {
  /** Default: 1 / sqrt(head_dim). */
  readonly scale?: number | undefined;
  readonly causal: boolean;
  /** Sliding window in tokens. */
  readonly window?: number | undefined;
  readonly softcap?: number | undefined;
}

export interface NormOptions {
  readonly eps: number;
  /** Added to each weight: 1 for Gemma, whose weights are stored as differences from one. */
  readonly unitOffset?: 0 | 1;
}

export type Activation = "silu" | "gelu_tanh" | "gelu";

/** What a node computes. Shapes leave out the batch of tokens: a family describes one token among others. */
export type Operation =
  | { readonly op: "tokens" }
  /** Each token's place in its own text, counted from `first`. */
  | { readonly op: "positions"; readonly first: number }
  /** Which of a pair of texts a token is of. */
  | { readonly op: "types" }
  | { readonly op: "embed"; readonly tokens: Node; readonly table: Parameter; readonly scale: number }
  | { readonly op: "rmsNorm"; readonly x: Node; readonly weight: Parameter; readonly norm: NormOptions }
  | {
      readonly op: "layerNorm";
      readonly x: Node;
      readonly weight: Parameter;
      readonly bias: Parameter;
      readonly eps: number;
    }
  | { readonly op: "linear"; readonly x: Node; readonly weight: Parameter; readonly bias: Parameter | undefined }
  | { readonly op: "view"; readonly x: Node }
  | { readonly op: "columns"; readonly x: Node; readonly from: number }
  | { readonly op: "softcap"; readonly x: Node; readonly cap: number }
  | { readonly op: "scale"; readonly x: Node; readonly factor: number }
  | { readonly op: "rope"; readonly x: Node; readonly rope: RopeOptions }
  | {
      readonly op: "attention";
      readonly q: Node;
      readonly k: Node;
      readonly v: Node;
      readonly layer: number;
      readonly options: AttentionOptions;
    }
  | { readonly op: "bidirectional"; readonly q: Node; readonly k: Node; readonly v: Node }
  | { readonly op: "activate"; readonly x: Node; readonly activation: Activation }
  | { readonly op: "gated"; readonly gate: Node; readonly up: Node; readonly activation: Activation }
  | { readonly op: "route"; readonly x: Node; readonly normalise: boolean }
  | {
      readonly op: "experts";
      readonly x: Node;
      readonly route: Node;
      readonly gateUp: Parameter & { readonly experts: ExpertParameters };
      readonly down: Parameter & { readonly experts: ExpertParameters };
      readonly activation: Activation;
    }
  | { readonly op: "sigmoidGate"; readonly x: Node; readonly gate: Node }
  | { readonly op: "add"; readonly a: Node; readonly b: Node; readonly scale: number };

export type OperationOf<Op extends Operation["op"]> = Extract<Operation, { readonly op: Op }>;

export interface Node {
  /** Place in the graph; inputs stand before their users. */
  readonly index: number;
  /** Without the tokens: `[width]`, or `[heads, head_dim]`. */
  readonly features: readonly number[];
  readonly operation: Operation;
  /** Sees `[width]` as `[heads, width / heads]`. */
  split(heads: number): Node;
  /** Sees `[heads, head_dim]` as `[heads * head_dim]`. */
  merge(): Node;
}

/** A model's arithmetic: given the graph and the tokens, returns the node of the logits, or of an encoder's last hidden state. */
export type Forward = (g: Graph, tokens: Node) => Node;

/** A place in the checkpoint's names: `weights.at("model.layers.0").at("self_attn")`. */
export class Weights {
  readonly path: string;

  constructor(path = "") {
    this.path = path;
  }

  at(name: string): Weights {
    return new Weights(this.path ? `${this.path}.${name}` : name);
  }
}

/**
 * Records what a family describes: plain mathematics, no numbers of a run, no cache, no GPU. `runtime/lower.ts` lowers
 * the record into dispatches; the loader reads off it which tensors the checkpoint must hold.
 */
export class Graph {
  readonly nodes: Node[] = [];
  readonly parameters = new Map<string, Parameter>();
  #layers = 0;

  /** How many attention layers, each with a KV cache of its own. */
  get layers(): number {
    return this.#layers;
  }

  tokens(): Node {
    return this.#node([], { op: "tokens" });
  }

  positions(first = 0): Node {
    return this.#node([], { op: "positions", first });
  }

  types(): Node {
    return this.#node([], { op: "types" });
  }

  /** Rows of the table `[vocabulary, width]`, picked by token id, position or type, times `scale`. */
  embed(tokens: Node, weights: Weights, [vocabulary, width]: readonly [number, number], scale = 1): Node {
    const table = this.#parameter(weights, "weight", "matrix", [vocabulary, width], { vocabulary: true });
    return this.#node([width], { op: "embed", tokens, table, scale });
  }

  /** Root-mean-square norm over the last axis: of `[heads, head_dim]`, each head on its own. */
  rmsNorm(x: Node, weights: Weights, norm: NormOptions): Node {
    const weight = this.#parameter(weights, "weight", "vector", [x.features.at(-1)!]);
    return this.#node(x.features, { op: "rmsNorm", x, weight, norm });
  }

  /** Layer norm with a bias, over all of `[width]`. */
  layerNorm(x: Node, weights: Weights, eps: number): Node {
    const weight = this.#parameter(weights, "weight", "vector", x.features);
    const bias = this.#parameter(weights, "bias", "vector", x.features);
    return this.#node(x.features, { op: "layerNorm", x, weight, bias, eps });
  }

  /** Columns `from` to `from + width`: one of several results that a projection gives side by side. */
  columns(x: Node, from: number, width: number): Node {
    if (x.features.length !== 1 || from < 0 || from + width > x.features[0]!)
      throw new ShapeError(`columns ${from} to ${from + width} do not lie in [${x.features}].`);
    return this.#node([width], { op: "columns", x, from });
  }

  /** `cap · tanh(x / cap)`. */
  softcap(x: Node, cap: number): Node {
    return this.#node(x.features, { op: "softcap", x, cap });
  }

  /** `factor · x`. */
  scale(x: Node, factor: number): Node {
    return this.#node(x.features, { op: "scale", x, factor });
  }

  /** `W x (+ b)` with W `[out, in]`. `vocabulary` marks the output head, `router` what decides over experts. */
  linear(
    x: Node,
    weights: Weights,
    out: number,
    { bias = false, ...role }: { bias?: boolean; vocabulary?: boolean; router?: boolean } = {},
  ): Node {
    const [width = 0, ...rest] = x.features;
    if (rest.length > 0)
      throw new ShapeError(`${weights.path}: its input is split in [${x.features}]; merge() it first.`);
    return this.#node([out], {
      op: "linear",
      x,
      weight: this.#parameter(weights, "weight", "matrix", [out, width], role),
      bias: bias ? this.#parameter(weights, "bias", "vector", [out]) : undefined,
    });
  }

  /** Rotates each head by its token's position. */
  rope(x: Node, rope: RopeOptions): Node {
    return this.#node(x.features, { op: "rope", x, rope });
  }

  /** Softmax attention of q `[heads, head_dim]` over all tokens' k and v `[kv_heads, head_dim]`; heads share keys in groups. */
  attention(q: Node, k: Node, v: Node, options: AttentionOptions): Node {
    const [heads = 0, headDim = 0] = q.features;
    const [kvHeads = 0] = k.features;
    if (k.features[1] !== headDim || String(v.features) !== String(k.features) || heads % kvHeads !== 0) {
      throw new ShapeError(
        `attention: q [${q.features}], k [${k.features}] and v [${v.features}] do not fit: head sizes must be equal and query heads a multiple of key heads.`,
      );
    }
    return this.#node(q.features, { op: "attention", q, k, v, layer: this.#layers++, options });
  }

  /** Softmax attention of `[heads, head_dim]` over all tokens of the same text, scores divided by sqrt(head_dim): an encoder's. */
  bidirectional(q: Node, k: Node, v: Node): Node {
    if ([k, v].some(({ features }) => String(features) !== String(q.features)))
      throw new ShapeError(`bidirectional: q [${q.features}], k [${k.features}] and v [${v.features}] must be alike.`);
    return this.#node(q.features, { op: "bidirectional", q, k, v });
  }

  /** `activation(x)`. */
  activate(x: Node, activation: Activation): Node {
    return this.#node(x.features, { op: "activate", x, activation });
  }

  /** `activation(gate) * up`. */
  gated(gate: Node, up: Node, activation: Activation): Node {
    return this.#node(gate.features, { op: "gated", gate, up, activation });
  }

  /** Softmax over the experts' logits, of which the `topK` likeliest are chosen: `[topK, 2]`, an expert and its weight. */
  route(x: Node, topK: number, { normalise }: { normalise: boolean }): Node {
    return this.#node([topK, 2], { op: "route", x, normalise });
  }

  /**
   * `Σ weight · down(activation(gate x) · up x)` over the experts chosen by `route`, each `width` wide. `weights` is the
   * place of all: an expert's own are in `weights.at("7").at("gate_proj")` and so on.
   */
  experts(
    x: Node,
    route: Node,
    weights: Weights,
    { count, width, activation }: { count: number; width: number; activation: Activation },
  ): Node {
    const [size = 0] = x.features;
    const [active = 0] = route.features;
    const stack = (name: string, parts: readonly string[], rows: number, columns: number) => {
      const module = weights.at(name).path;
      const experts = { count, active, parts };
      const shape = [count * parts.length * rows, columns];
      const parameter = { name: module, module, kind: "matrix", shape, vocabulary: false, experts } as const;
      this.parameters.set(module, parameter);
      return parameter;
    };
    const gateUp = stack("gate_up_proj", ["gate_proj", "up_proj"], width, size);
    const down = stack("down_proj", ["down_proj"], size, width);
    return this.#node([size], { op: "experts", x, route, gateUp, down, activation });
  }

  /** `sigmoid(gate) · x`, with one gate for all of a token. */
  sigmoidGate(x: Node, gate: Node): Node {
    return this.#node(x.features, { op: "sigmoidGate", x, gate });
  }

  /** `a + scale · b`. */
  add(a: Node, b: Node, scale = 1): Node {
    if (String(a.features) !== String(b.features)) {
      throw new ShapeError(`add: [${a.features}] and [${b.features}] are not of one shape.`);
    }
    return this.#node(a.features, { op: "add", a, b, scale });
  }

  #parameter(
    weights: Weights,
    leaf: string,
    kind: Parameter["kind"],
    shape: readonly number[],
    { vocabulary = false, router = false }: { vocabulary?: boolean; router?: boolean } = {},
  ): Parameter {
    const name = `${weights.path}.${leaf}`;
    const known = this.parameters.get(name);
    if (known) {
      // A tied head is the same tensor met twice.
      if (String(known.shape) !== String(shape)) {
        throw new ShapeError(`${name} is asked for as [${known.shape}] and as [${shape}].`);
      }
      return known;
    }
    const parameter = { name, module: weights.path, kind, shape, vocabulary, ...(router && { router }) };
    this.parameters.set(name, parameter);
    return parameter;
  }

  #node(features: readonly number[], operation: Operation): Node {
    const node: Node = {
      index: this.nodes.length,
      features,
      operation,
      split: (heads) => {
        const width = features[0]!;
        if (features.length !== 1 || width % heads !== 0) {
          throw new ShapeError(`[${features}] cannot be split into ${heads} equal heads.`);
        }
        return this.#node([heads, width / heads], { op: "view", x: node });
      },
      merge: () => this.#node([features.reduce((a, b) => a * b, 1)], { op: "view", x: node }),
    };
    this.nodes.push(node);
    return node;
  }
}

/** The nodes a node reads, in the order of its operands. */
export function inputsOf({ operation }: Node): readonly Node[] {
  switch (operation.op) {
    case "tokens":
    case "positions":
    case "types":
      return [];
    case "embed":
      return [operation.tokens];
    case "attention":
    case "bidirectional":
      return [operation.q, operation.k, operation.v];
    case "gated":
      return [operation.gate, operation.up];
    case "add":
      return [operation.a, operation.b];
    case "experts":
      return [operation.x, operation.route];
    case "sigmoidGate":
      return [operation.x, operation.gate];
    default:
      return [operation.x];
  }
}
