import { type Gpu, type TensorRef, tensor } from "@alambic/kernels";

export interface LayerCache {
  /** `[kv_heads, capacity, head_dim]` */
  readonly keys: TensorRef;
  readonly values: TensorRef;
}

export interface CacheShape {
  readonly layers: readonly { readonly kvHeads: number; readonly headDim: number }[];
}

/** What a plan asks of a cache. */
export interface PlacedCache {
  /** Tokens it can hold. */
  readonly capacity: number;
  layer(index: number): LayerCache;
}

/** Keys and values for `capacity` tokens, as tensors; nothing is allocated. */
export function placeCache({ layers }: CacheShape, capacity: number): LayerCache[] {
  return layers.map(({ kvHeads, headDim }, index) => ({
    keys: tensor(`keys ${index}`, [kvHeads, capacity, headDim]),
    values: tensor(`values ${index}`, [kvHeads, capacity, headDim]),
  }));
}

/** Keys and values of one session. Grown in steps as the context does, so that a short chat takes little memory. */
export class KvCache implements PlacedCache {
  readonly #gpu: Gpu;
  readonly #shape: CacheShape;
  #layers: LayerCache[] = [];
  #capacity = 0;

  constructor(gpu: Gpu, shape: CacheShape) {
    this.#gpu = gpu;
    this.#shape = shape;
  }

  /** Tokens it can hold now. */
  get capacity(): number {
    return this.#capacity;
  }

  layer(index: number): LayerCache {
    return this.#layers[index]!;
  }

  /** Makes room for `capacity` tokens and keeps the first `held`. Plans made for the old size are void. */
  grow(capacity: number, held: number): void {
    if (capacity <= this.#capacity) return;
    const { buffers, device } = this.#gpu;
    const grown = placeCache(this.#shape, capacity);
    buffers.allocate(...grown.flatMap(({ keys, values }) => [keys, values]));
    if (held > 0) {
      const encoder = device.createCommandEncoder();
      for (const [index, old] of this.#layers.entries()) {
        const { kvHeads, headDim } = this.#shape.layers[index]!;
        for (const kind of ["keys", "values"] as const) {
          const [from, to] = [buffers.resolve(old[kind]), buffers.resolve(grown[index]![kind])];
          for (let head = 0; head < kvHeads; head++) {
            const row = 4 * headDim;
            encoder.copyBufferToBuffer(from, head * this.#capacity * row, to, head * capacity * row, held * row);
          }
        }
      }
      device.queue.submit([encoder.finish()]);
    }
    this.dispose();
    this.#layers = grown;
    this.#capacity = capacity;
  }

  dispose(): void {
    this.#gpu.buffers.dispose(...this.#layers.flatMap(({ keys, values }) => [keys, values]));
    this.#layers = [];
    this.#capacity = 0;
  }
}

/** The size to grow to: doubling steps, so that a conversation replans only a few times. */
export function cacheCapacity(needed: number, contextLength: number): number {
  let capacity = 256;
  while (capacity < needed) capacity *= 2;
  return Math.min(capacity, contextLength);
}
