import { type Dispatch, type Gpu, mergedMatrix, type TensorRef, tensor } from "@alambic/kernels";
import type { Graph, Node, Parameter, RopeOptions } from "../graph/graph.js";
import type { Architecture } from "../models/family.js";
import type { LoadedMatrix } from "../weights/loaded-matrix.js";
import { findFusions } from "./fusions.js";
import { type CacheShape, cacheCapacity, placeCache } from "./kv-cache.js";
import type { Layouts } from "./layouts.js";
import type { PlacedWeights } from "./loaded-weights.js";
import type { Lowerings } from "./lowering.js";
import { CHUNK, placeStream, planPass } from "./pass-plan.js";
import { keepingInputs } from "./whole-inputs.js";
import { Workspace } from "./workspace.js";

/** Compilations under way together: what was asked for cannot be called back, and a load may be stopped. */
const AT_ONCE = 8;

export interface AheadModel {
  readonly graph: Graph;
  readonly output: Node;
  readonly lowerings: Lowerings;
  readonly architecture: Architecture;
  readonly cacheShape: CacheShape;
  readonly contextLength: number;
  /** The form and blocks that a matrix will have; it need not be on the GPU. */
  readonly matrixOf: (parameter: Parameter) => LoadedMatrix;
}

/**
 * Compiles what a model's answers need, while its weights are still on their way: kernels depend on shapes and forms
 * alone. The plans made here are thrown away; the real ones find their pipelines ready. Once the signal is raised it
 * begins no other and resolves.
 */
export async function compileAhead(gpu: Gpu, model: AheadModel, layouts: Layouts, signal: AbortSignal): Promise<void> {
  const kernels = (await planAhead(gpu, model, layouts)).map(({ kernel }) => kernel);
  const waiting = [...new Set(kernels)].values();
  const compileNext = async () => {
    for (const kernel of waiting) {
      if (signal.aborted) return;
      await gpu.pipelines.compile(kernel);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, compileNext));
}

export interface PlanAheadOptions {
  /** Tokens of each pass to plan. Default: a decode step and a prefill chunk. */
  readonly passes?: readonly number[];
  /** Hears of every activation that the passes share. */
  readonly onActivation?: (activation: TensorRef) => void;
}

/** A model's passes on tensors that have no memory. */
export async function planAhead(
  gpu: Gpu,
  model: AheadModel,
  layouts: Layouts,
  { passes = [1, CHUNK], onActivation }: PlanAheadOptions = {},
): Promise<Dispatch[]> {
  const { graph, output, lowerings, cacheShape, contextLength } = model;
  const weights = new WeightsToCome(gpu, model);
  const capacity = cacheCapacity(1, contextLength);
  const cache = placeCache(cacheShape, capacity);
  const lowering = {
    graph,
    output,
    lowerings,
    fusions: keepingInputs(
      findFusions(graph, output, (parameters) => weights.merged(parameters) !== undefined),
      graph,
      ({ name }) => weights.matrix(name).order !== undefined,
    ),
    weights,
    workspace: new Workspace({
      allocate(...made) {
        for (const each of made) onActivation?.(each);
      },
      dispose() {},
    }),
    one: tensor("one row", [2], "u32"),
    adapter: gpu.adapter.kind,
    subgroupSize: gpu.adapter.subgroupSize ?? 0,
    layouts,
  };
  const { kind, hidden } = model.architecture;
  if (kind === "encoder") {
    const { placeEmbedding, planEmbedding } = await import("./embedder.js");
    const way = { pooling: "mean", normalize: true } as const;
    return [...planEmbedding(lowering, placeEmbedding(CHUNK, hidden), CHUNK, way).dispatches];
  }
  return passes.flatMap((rows) => {
    const { body, end } = planPass(lowering, cache, placeStream(rows, contextLength), rows);
    return [...body, ...end];
  });
}

/** Tensors of the shapes that the loaded ones will have. */
class WeightsToCome implements PlacedWeights {
  readonly #model: AheadModel;
  readonly #maxBytes: number;

  constructor({ largestBinding }: Gpu, model: AheadModel) {
    this.#model = model;
    this.#maxBytes = largestBinding;
  }

  matrix(name: string): LoadedMatrix {
    return this.#model.matrixOf(this.#model.graph.parameters.get(name)!);
  }

  vector(name: string): TensorRef {
    return tensor(name, this.#model.graph.parameters.get(name)!.shape);
  }

  merged(parameters: readonly Parameter[]): LoadedMatrix | undefined {
    const parts = parameters.map(this.#model.matrixOf);
    const whole = mergedMatrix(parts, this.#maxBytes);
    // Act-order follows from a layer's input, so projections of one input are taken to share it.
    return whole && { ...whole, ...(parts[0]?.order && { order: parts[0].order }) };
  }

  mergedVector(parameters: readonly Parameter[]): TensorRef {
    return tensor("merged bias", [parameters.reduce((sum, { shape }) => sum + shape[0]!, 0)]);
  }

  ropeTable({ rotaryDim }: RopeOptions, headDim: number): TensorRef {
    return tensor("rope table", [this.#model.contextLength, (rotaryDim ?? headDim) / 2, 2]);
  }
}
