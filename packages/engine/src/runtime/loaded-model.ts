import { type Gpu, type KvForm, tensor } from "@alambic/kernels";
import type { AdapterSet } from "../adapters/adapter-set.js";
import { Adapters } from "../adapters/adapters.js";
import { linearOf, type Projection } from "../adapters/projections.js";
import type { Graph, Node, Parameter } from "../graph/graph.js";
import type { Architecture } from "../models/family.js";
import { type Fusions, findFusions } from "./fusions.js";
import { type CacheShape, cacheShapeOf } from "./kv-cache.js";
import type { Layouts } from "./layouts.js";
import type { LoadedWeights } from "./loaded-weights.js";
import type { LoweringContext, Lowerings } from "./lowering.js";
import { keepingInputs } from "./whole-inputs.js";
import { Workspace } from "./workspace.js";

/** A model on the GPU: its graph, its weights, and the activations that all its sessions share. */
export class LoadedModel {
  readonly gpu: Gpu;
  readonly architecture: Architecture;
  readonly contextLength: number;
  readonly weights: LoadedWeights;
  /** Longest text that LongRoPE rotates by its short divisors; a longer one has other keys throughout. */
  readonly shortRotation: number;
  /** LoRA adapters. */
  readonly adapters: Adapters;
  readonly #graph: Graph;
  readonly #output: Node;
  readonly #lowerings: Lowerings;
  readonly #fusions: Fusions;
  readonly #layouts: Layouts;
  readonly #kv: KvForm;
  readonly #workspace: Workspace;
  readonly #one = tensor("one row", [2], "u32");

  constructor(
    gpu: Gpu,
    architecture: Architecture,
    { graph, output, lowerings }: Pick<LoweringContext, "graph" | "output" | "lowerings">,
    weights: LoadedWeights,
    contextLength: number,
    layouts: Layouts,
    kv: KvForm,
  ) {
    this.gpu = gpu;
    this.architecture = architecture;
    this.contextLength = contextLength;
    this.weights = weights;
    this.shortRotation = shortRotationOf(graph);
    this.#graph = graph;
    this.#layouts = layouts;
    this.#kv = kv;
    this.#output = output;
    this.#lowerings = lowerings;
    this.#fusions = findFusions(graph, output, (parameters) => weights.merged(parameters) !== undefined);
    this.adapters = new Adapters(gpu, projectionsOf(graph, this.#fusions));
    this.#workspace = new Workspace(gpu.buffers);
    gpu.buffers.allocate(this.#one);
    gpu.buffers.write(this.#one, Uint32Array.of(0, 1));
  }

  /** What every plan of this model has in common, with these adapters. */
  lowering(adapters: AdapterSet | undefined): Omit<LoweringContext, "cache" | "step" | "ids" | "rows" | "logits"> {
    const whole = (weight: Parameter) => this.weights.hasOrder(weight) || adapters?.changes(weight) === true;
    return {
      graph: this.#graph,
      output: this.#output,
      lowerings: this.#lowerings,
      fusions: keepingInputs(this.#fusions, this.#graph, whole),
      adapters,
      weights: this.weights,
      workspace: this.#workspace,
      one: this.#one,
      adapter: this.gpu.adapter.kind,
      subgroupSize: this.gpu.adapter.subgroupSize ?? 0,
      layouts: this.#layouts,
    };
  }

  /** The linear modules and their shapes, `[N, K]`, by the paths that adapters know them by. */
  get linears(): ReadonlyMap<string, readonly number[]> {
    return new Map(linearsOf(this.#graph).map((weight) => [linearOf(weight), weight.shape]));
  }

  get cacheShape(): CacheShape {
    return cacheShapeOf(this.#graph, this.#kv);
  }

  dispose(): void {
    this.#workspace.dispose();
    this.weights.dispose();
    this.adapters.dispose();
    this.gpu.buffers.dispose(this.#one);
  }
}

function linearsOf({ nodes }: Graph): Parameter[] {
  return nodes.flatMap(({ operation }) => (operation.op === "linear" ? operation.weight : []));
}

/** Each linear module once: those that plans compute as one together, the others by themselves. */
function projectionsOf(graph: Graph, { qkv, gateUp }: Fusions): Projection[] {
  const merged = [...qkv.values(), ...gateUp.values()].map(({ parts }) => parts.map(({ weight }) => weight));
  const within = new Set(merged.flat());
  const alone = linearsOf(graph).filter((weight) => !within.has(weight));
  return [...merged, ...alone.map((weight) => [weight])];
}

function shortRotationOf({ nodes }: Graph): number {
  const originals = nodes.flatMap(({ operation }) =>
    operation.op === "rope" && operation.rope.scaling?.rope_type === "longrope"
      ? [operation.rope.scaling.original_max_position_embeddings]
      : [],
  );
  return Math.min(...originals);
}
