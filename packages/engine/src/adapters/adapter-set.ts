import {
  type Dispatch,
  type Gpu,
  type LoraInputs,
  type LoraPart,
  type LoraWeights,
  lora,
  type TensorRef,
  tensor,
} from "@alambic/kernels";
import type { Parameter } from "../graph/graph.js";
import { widen } from "../weights/dtype.js";
import { linearOf, type Projection } from "./projections.js";
import type { Adapter, AdapterModule } from "./read.js";

/** An adapter and how strongly it acts: 1 as it was trained, 0 not at all. */
export interface WeightedAdapter {
  readonly adapter: Adapter;
  readonly weight: number;
}

/** What adapters add to a projection's output. */
export interface Adaptation {
  /** Of all adapters that change it together. */
  readonly ranks: number;
  /** Adds to y `[rows, N]` what x `[rows, K]` makes in them, by way of inner `[rows, ranks]`. */
  add(inputs: Omit<LoraInputs, "weights">): Dispatch[];
}

/**
 * Adapters that act together, on the GPU: of each projection, all their A stacked into one matrix and all their B into
 * another, so that any number of adapters costs two dispatches a projection. Plans are made for one set; it stays until
 * the last answer that began with it has ended.
 */
export class AdapterSet {
  readonly #gpu: Gpu;
  readonly #weights = new Map<string, LoraWeights>();
  readonly #modules: ReadonlySet<string>;
  #users = 1;

  constructor(gpu: Gpu, projections: readonly Projection[], adapters: readonly WeightedAdapter[]) {
    this.#gpu = gpu;
    this.#modules = new Set(adapters.flatMap(({ adapter }) => [...adapter.modules.keys()]));
    try {
      for (const projection of projections) {
        const weights = stack(gpu, projection, adapters);
        if (weights) this.#weights.set(keyOf(projection), weights);
      }
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Whether one of them changes the linear module of this weight. */
  changes(weight: Parameter): boolean {
    return this.#modules.has(linearOf(weight));
  }

  /** What is added to a projection's output, if anything is. */
  of(projection: Projection): Adaptation | undefined {
    const weights = this.#weights.get(keyOf(projection));
    return weights && { ranks: weights.scales.shape[0]!, add: (inputs) => lora({ ...inputs, weights }) };
  }

  /** Keeps the set while an answer uses it. */
  retain(): void {
    this.#users++;
  }

  /** The last to release it frees it. */
  release(): void {
    if (--this.#users > 0) return;
    for (const { a, scales, b } of this.#weights.values()) this.#gpu.buffers.dispose(a, scales, b);
    this.#weights.clear();
  }
}

function keyOf(projection: Projection): string {
  return projection.map(({ name }) => name).join(" + ");
}

function stack(gpu: Gpu, projection: Projection, adapters: readonly WeightedAdapter[]): LoraWeights | undefined {
  const parts: LoraPart[] = [];
  const acting: { module: AdapterModule; weight: number; rows: number }[] = [];
  let firstRow = 0;
  let ranks = 0;
  for (const parameter of projection) {
    const rows = parameter.shape[0]!;
    const own = adapters.flatMap(({ adapter, weight }) => {
      const module = adapter.modules.get(linearOf(parameter));
      return module && weight !== 0 ? [{ module, weight, rows }] : [];
    });
    const sum = own.reduce((all, { module }) => all + module.rank, 0);
    if (sum > 0) parts.push({ firstRow, rows, firstRank: ranks, ranks: sum });
    acting.push(...own);
    firstRow += rows;
    ranks += sum;
  }
  if (ranks === 0) return undefined;
  const [name, k] = [keyOf(projection), projection[0]!.shape[1]!];
  const a = filled(
    gpu,
    `${name} lora A`,
    [ranks, k],
    acting.map(({ module }) => widen(module.a.bytes, module.a.dtype)),
  );
  const scales = filled(
    gpu,
    `${name} lora scales`,
    [ranks],
    acting.map(({ module, weight }) => new Float32Array(module.rank).fill(weight * module.scale)),
  );
  const b = filled(
    gpu,
    `${name} lora B`,
    [acting.reduce((sum, { module, rows }) => sum + module.rank * rows, 0)],
    acting.map(({ module, rows }) => transposed(widen(module.b.bytes, module.b.dtype), rows, module.rank)),
  );
  return { a, scales, b, parts };
}

function filled(gpu: Gpu, label: string, shape: readonly number[], pieces: readonly Float32Array[]): TensorRef {
  const result = tensor(label, shape);
  gpu.buffers.allocate(result);
  let at = 0;
  for (const piece of pieces) {
    gpu.buffers.write(result, piece, at);
    at += piece.byteLength;
  }
  return result;
}

function transposed(b: Float32Array, rows: number, rank: number): Float32Array {
  const result = new Float32Array(b.length);
  for (let row = 0; row < rows; row++) {
    for (let r = 0; r < rank; r++) result[r * rows + row] = b[row * rank + r]!;
  }
  return result;
}
