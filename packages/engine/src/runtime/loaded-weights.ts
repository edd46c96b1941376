import {
  type Buffers,
  type Gpu,
  matrixBytes,
  matrixTensors,
  mergedMatrix,
  type RopeConfig,
  ropeTable,
  sizeOf,
  type TensorRef,
  tensor,
} from "@alambic/kernels";
import type { Parameter, RopeOptions } from "../graph/graph.js";
import { type LoadedMatrix, loadedTensors, sameOrder } from "../weights/loaded-matrix.js";

/** What a plan asks of a model's weights. */
export interface PlacedWeights {
  matrix(name: string): LoadedMatrix;
  vector(name: string): TensorRef;
  /** The matrix that these were merged into, if they were. */
  merged(parameters: readonly Parameter[]): LoadedMatrix | undefined;
  mergedVector(parameters: readonly Parameter[]): TensorRef;
  /** `[positions, rotaryDim / 2, 2]`: cosines and sines. */
  ropeTable(rope: RopeOptions, headDim: number): TensorRef;
}

interface StretchingTable {
  readonly table: TensorRef;
  readonly config: RopeConfig;
  /** Longest text that the short divisors are for. */
  readonly original: number;
  /** Which divisors it holds now. */
  long: boolean;
}

/** A model's tensors on the GPU, by their names in the checkpoint, and the tables made from its config. */
export class LoadedWeights implements PlacedWeights {
  readonly #buffers: Buffers;
  readonly #positions: number;
  readonly #matrices = new Map<string, LoadedMatrix>();
  readonly #ordered = new Set<string>();
  readonly #vectors = new Map<string, TensorRef>();
  readonly #tables = new Map<string, TensorRef>();
  /** Rotary tables that depend on how long a text is. */
  readonly #stretching: StretchingTable[] = [];

  /** `positions`: how many tokens the rotary tables cover. */
  constructor(buffers: Buffers, positions: number) {
    this.#buffers = buffers;
    this.#positions = positions;
  }

  setMatrix(name: string, value: LoadedMatrix): void {
    if (value.order) this.#ordered.add(name);
    this.#matrices.set(name, value);
  }

  setVector(name: string, value: TensorRef): void {
    this.#vectors.set(name, value);
  }

  matrix(name: string): LoadedMatrix {
    return present(this.#matrices.get(name), name);
  }

  vector(name: string): TensorRef {
    return present(this.#vectors.get(name), name);
  }

  /**
   * Makes one matrix of several, their rows one after the other, and one vector of their biases; the parts are given
   * back. Nothing happens where the matrices are of different forms or orders, or the whole would not fit a binding.
   */
  merge(gpu: Gpu, { matrices, biases }: { matrices: readonly Parameter[]; biases: readonly Parameter[] }): void {
    const parts = matrices.map(({ name }) => this.matrix(name));
    const whole = sameOrder(parts) ? mergedMatrix(parts, gpu.largestBinding) : undefined;
    if (!whole) return;
    const [first, ...others] = parts.flatMap(({ order }) => order ?? []);
    const tensors = matrixTensors(whole);
    this.#buffers.allocate(...tensors);
    for (const [index, target] of tensors.entries())
      this.#concatenate(
        gpu,
        parts.map((part) => matrixTensors(part)[index]!),
        target,
      );
    for (const { name } of matrices) this.#matrices.delete(name);
    this.#matrices.set(keyOf(matrices), { ...whole, ...(first && { order: first }) });
    this.#buffers.dispose(...others.map(({ indices }) => indices));
    if (biases.length === 0) return;
    const vectors = biases.map(({ name }) => this.vector(name));
    const vector = tensor("merged bias", [whole.shape[0]]);
    this.#buffers.allocate(vector);
    this.#concatenate(gpu, vectors, vector);
    for (const { name } of biases) this.#vectors.delete(name);
    this.#vectors.set(keyOf(biases), vector);
  }

  /** The matrix that these were merged into, if they were. One alone is its own merger where it is one block. */
  merged(parameters: readonly Parameter[]): LoadedMatrix | undefined {
    const whole = this.#matrices.get(keyOf(parameters));
    return whole?.blocks.length === 1 ? whole : undefined;
  }

  /** Whether a matrix, by itself or merged into another, keeps its columns in an order of its own. */
  hasOrder({ name }: Parameter): boolean {
    return this.#ordered.has(name);
  }

  mergedVector(parameters: readonly Parameter[]): TensorRef {
    return this.vector(keyOf(parameters));
  }

  #concatenate(gpu: Gpu, sources: readonly TensorRef[], target: TensorRef): void {
    const encoder = gpu.device.createCommandEncoder();
    let at = 0;
    for (const source of sources) {
      encoder.copyBufferToBuffer(
        this.#buffers.resolve(source),
        source.offset,
        this.#buffers.resolve(target),
        at,
        sizeOf(source),
      );
      at += sizeOf(source);
    }
    gpu.device.queue.submit([encoder.finish()]);
    this.#buffers.dispose(...sources); // the queue keeps them until the copies are done
  }

  /** `[positions, rotaryDim / 2, 2]`: cosines and sines, in f64 on the CPU because WGSL's own are only good to 2^-11. */
  ropeTable({ theta, scaling, rotaryDim: turned }: RopeOptions, headDim: number): TensorRef {
    const rotaryDim = turned ?? headDim;
    const key = JSON.stringify([theta, scaling, rotaryDim]);
    let table = this.#tables.get(key);
    if (!table) {
      const config = { rotaryDim, theta, positions: this.#positions, ...(scaling && { scaling }) };
      table = tensor("rope table", [this.#positions, rotaryDim / 2, 2]);
      this.#buffers.allocate(table);
      this.#buffers.write(table, ropeTable(config));
      this.#tables.set(key, table);
      if (scaling?.rope_type === "longrope" && this.#positions > scaling.original_max_position_embeddings)
        this.#stretching.push({ table, config, original: scaling.original_max_position_embeddings, long: true });
    }
    return table;
  }

  /**
   * Makes the rotary tables right for a text of this length; call it before each submit. LongRoPE rotates a text by its
   * short divisors up to the original context, and all of it by the long ones beyond, as transformers does.
   */
  rotateFor(length: number): void {
    for (const each of this.#stretching) {
      const long = length > each.original;
      if (long === each.long) continue;
      each.long = long;
      // Up to the original context the rows past it are not read.
      const config = long ? each.config : { ...each.config, positions: each.original };
      this.#buffers.write(each.table, ropeTable(config));
    }
  }

  /** Bytes of weights on the GPU. */
  get bytes(): number {
    const matrices = [...this.#matrices.values()].reduce((sum, value) => sum + matrixBytes(value), 0);
    return [...this.#vectors.values()].reduce((sum, value) => sum + sizeOf(value), matrices);
  }

  dispose(): void {
    this.#buffers.dispose(
      ...[...this.#matrices.values()].flatMap(loadedTensors),
      ...this.#vectors.values(),
      ...this.#tables.values(),
    );
    this.#matrices.clear();
    this.#vectors.clear();
    this.#tables.clear();
    this.#stretching.length = 0;
  }
}

function keyOf(parameters: readonly Parameter[]): string {
  return parameters.map(({ name }) => name).join(" + ");
}

function present<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`${name} was not loaded`);
  return value;
}
