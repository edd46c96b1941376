import {
  type Buffers,
  type Matrix,
  matrixBytes,
  matrixTensors,
  ropeTable,
  sizeOf,
  type TensorRef,
  tensor,
} from "@alambic/kernels";
import type { RopeOptions } from "../graph/graph.js";

/** A model's tensors on the GPU, by their names in the checkpoint, and the tables made from its config. */
export class LoadedWeights {
  readonly #buffers: Buffers;
  readonly #positions: number;
  readonly #matrices = new Map<string, Matrix>();
  readonly #vectors = new Map<string, TensorRef>();
  readonly #tables = new Map<string, TensorRef>();

  /** `positions`: how many tokens the rotary tables cover. */
  constructor(buffers: Buffers, positions: number) {
    this.#buffers = buffers;
    this.#positions = positions;
  }

  setMatrix(name: string, value: Matrix): void {
    this.#matrices.set(name, value);
  }

  setVector(name: string, value: TensorRef): void {
    this.#vectors.set(name, value);
  }

  matrix(name: string): Matrix {
    return present(this.#matrices.get(name), name);
  }

  vector(name: string): TensorRef {
    return present(this.#vectors.get(name), name);
  }

  /** `[positions, head_dim / 2, 2]`: cosines and sines, in f64 on the CPU because WGSL's own are only good to 2^-11. */
  ropeTable({ theta, scaling }: RopeOptions, headDim: number): TensorRef {
    const key = JSON.stringify([theta, scaling, headDim]);
    let table = this.#tables.get(key);
    if (!table) {
      const positions = this.#positions;
      table = tensor("rope table", [positions, headDim / 2, 2]);
      this.#buffers.allocate(table);
      this.#buffers.write(table, ropeTable({ rotaryDim: headDim, theta, positions, ...(scaling && { scaling }) }));
      this.#tables.set(key, table);
    }
    return table;
  }

  /** Bytes of weights on the GPU. */
  get bytes(): number {
    const matrices = [...this.#matrices.values()].reduce((sum, value) => sum + matrixBytes(value), 0);
    return [...this.#vectors.values()].reduce((sum, value) => sum + sizeOf(value), matrices);
  }

  dispose(): void {
    this.#buffers.dispose(
      ...[...this.#matrices.values()].flatMap(matrixTensors),
      ...this.#vectors.values(),
      ...this.#tables.values(),
    );
    this.#matrices.clear();
    this.#vectors.clear();
    this.#tables.clear();
  }
}

function present<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`${name} was not loaded`);
  return value;
}
