import { type Gpu, type Matrix, type TensorRef, tensor } from "@alambic/kernels";
import { StorageError } from "../errors.js";
import type { Parameter } from "../graph/graph.js";
import { defaultPackedStore } from "../sources/cache/default.js";
import type { PackedFile, PackedStore } from "../sources/cache/store.js";
import { type PackedOrigin, packedKey } from "../weights/packed/key.js";
import { type PackedLayout, packedLayout } from "../weights/packed/layout.js";
import { PackedDamage, PackedReader, type PackedReadOptions } from "../weights/packed/read.js";
import { PackedWriter } from "../weights/packed/write.js";
import type { OpenedModel } from "./inspect.js";
import type { Quantize } from "./types.js";

export interface PackingOptions {
  readonly quantize: Quantize;
  /** Default: what comes from elsewhere is packed, a folder of this machine is not. */
  readonly cache: boolean | undefined;
  readonly files: readonly string[];
  /** In the order in which they are going to be loaded. */
  readonly parameters: readonly Parameter[];
  readonly matrixOf: (parameter: Parameter) => Matrix;
  readonly signal: AbortSignal | undefined;
}

/**
 * The weights of one model as they lie on the GPU after quantising, kept so that a second start reads them instead of the
 * checkpoint: a quarter of the bytes for int4.
 */
export class Packing {
  readonly #gpu: Gpu;
  readonly #store: PackedStore;
  readonly #key: string;
  readonly #layout: PackedLayout;
  readonly #matrixOf: (parameter: Parameter) => Matrix;
  readonly #name: string;
  #file: PackedFile | undefined;
  #writer: PackedWriter | undefined;
  /** Why nothing is kept, where that is not by choice. */
  problem: string | undefined;
  /** Bytes taken from the cache. */
  reused = 0;

  private constructor(
    gpu: Gpu,
    store: PackedStore,
    {
      key,
      layout,
      name,
      matrixOf,
    }: Pick<PackingOptions, "matrixOf"> & {
      key: string;
      layout: PackedLayout;
      name: string;
    },
  ) {
    this.#gpu = gpu;
    this.#store = store;
    this.#key = key;
    this.#layout = layout;
    this.#name = name;
    this.#matrixOf = matrixOf;
  }

  /** `undefined` where nothing is to be packed: not asked for, nothing to quantise, or the source cannot tell its files from others. */
  static async open(gpu: Gpu, opened: OpenedModel, options: PackingOptions): Promise<Packing | undefined> {
    const { quantize, cache = opened.source.traffic !== undefined, parameters, matrixOf } = options;
    if (quantize === "none" || !cache || !isPlain(opened, parameters)) return undefined;
    const [store, origins] = await Promise.all([defaultPackedStore(), originsOf(opened, options)]);
    if (!store || !origins) return undefined;
    const layout = packedLayout(parameters, (parameter) => placedValue(parameter, matrixOf));
    const forms = parameters.map((parameter) => parameter.kind === "matrix" && matrixOf(parameter).form);
    const key = await packedKey(layout, forms, origins);
    const name = `${opened.source.name} as ${quantize}`;
    const packing = new Packing(gpu, store, { key, layout, name, matrixOf });
    packing.#file = await store.find(key);
    return packing;
  }

  /** Whether the weights are here already. */
  get found(): boolean {
    return this.#file?.size === this.#layout.bytes;
  }

  get bytes(): number {
    return this.#layout.bytes;
  }

  /** Loads every parameter from what was kept. `false` when that turned out to be damaged; it is removed then. */
  async read(
    set: (parameter: Parameter, value: Matrix | TensorRef) => void,
    options: PackedReadOptions,
  ): Promise<boolean> {
    const reader = new PackedReader(this.#gpu, this.#file!);
    try {
      for (const place of this.#layout.parameters) {
        options.signal?.throwIfAborted();
        const value = placedValue(place.parameter, this.#matrixOf);
        await reader.fill(place, value, options);
        set(place.parameter, value);
      }
      this.reused = this.#layout.bytes;
      return true;
    } catch (error) {
      if (!(error instanceof PackedDamage)) throw error;
      this.#file = undefined;
      await this.#store.remove(this.#key);
      return false;
    }
  }

  /** Keeps a parameter that was just loaded and quantised. */
  async add({ name }: Parameter, value: Matrix | TensorRef): Promise<void> {
    await this.#unlessFull(async () => {
      this.#writer ??= await PackedWriter.open(this.#gpu, this.#store, this.#key, this.#layout, this.#name);
      await this.#writer.add(name, value);
    });
  }

  async finish(): Promise<void> {
    await this.#unlessFull(async () => this.#writer?.finish());
  }

  async discard(): Promise<void> {
    await this.#writer?.discard().catch(() => {});
    this.#writer = undefined;
  }

  /** A cache that cannot be written is no reason to fail a load. */
  async #unlessFull(task: () => Promise<void>): Promise<void> {
    if (this.problem !== undefined) return;
    try {
      await task();
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.problem = error.message;
      await this.discard();
    }
  }
}

/** A checkpoint that is quantised itself stays as it is, and there is nothing to gain. */
function isPlain({ describe }: OpenedModel, parameters: readonly Parameter[]): boolean {
  return parameters.every(
    (parameter) => parameter.kind === "vector" || describe(parameter).every(({ kind }) => kind === "plain"),
  );
}

async function originsOf({ source }: OpenedModel, options: PackingOptions): Promise<PackedOrigin[] | undefined> {
  const { files, signal } = options;
  const identities = await Promise.all(files.map((file) => source.identity?.(file, { signal })));
  const origins = files.flatMap((file, i) => (identities[i] === undefined ? [] : { file, identity: identities[i]! }));
  return origins.length === files.length ? origins : undefined;
}

function placedValue(parameter: Parameter, matrixOf: (parameter: Parameter) => Matrix): Matrix | TensorRef {
  return parameter.kind === "vector" ? tensor(parameter.name, parameter.shape) : matrixOf(parameter);
}
