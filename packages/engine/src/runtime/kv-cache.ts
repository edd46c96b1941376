import { type Gpu, KV_FORMS, type KvForm, kvCache, kvRowWords, type TensorRef } from "@alambic/kernels";
import type { Graph } from "../graph/graph.js";

export interface LayerCache {
  /** `[2, kv_heads, capacity, kvRowWords]`: keys, then values. One buffer, so that a kernel spends one binding on both. */
  readonly both: TensorRef;
  /** `[kv_heads, capacity, kvRowWords]`: the first half. */
  readonly keys: TensorRef;
  /** The second half. */
  readonly values: TensorRef;
}

export interface CacheShape {
  readonly form: KvForm;
  readonly layers: readonly { readonly kvHeads: number; readonly headDim: number }[];
}

/** One cache for each attention layer of a graph. */
export function cacheShapeOf({ nodes }: Graph, form: KvForm): CacheShape {
  const layers = nodes.flatMap(({ operation }) => {
    if (operation.op !== "attention") return [];
    const [kvHeads = 0, headDim = 0] = operation.k.features;
    return [{ kvHeads, headDim }];
  });
  return { form, layers };
}

/** Bytes of keys and values of 1,024 tokens, for each form that a cache may keep them in. */
export function kvBytesPer1k(graph: Graph): Record<KvForm, number> {
  const bytes = (form: KvForm) =>
    cacheShapeOf(graph, form).layers.reduce(
      (sum, { kvHeads, headDim }) => sum + 1024 * 2 * kvHeads * 4 * kvRowWords(form, headDim),
      0,
    );
  return Object.fromEntries(KV_FORMS.map((form) => [form, bytes(form)])) as Record<KvForm, number>;
}

/** What a plan asks of a cache. */
export interface PlacedCache {
  readonly form: KvForm;
  /** Tokens it can hold. */
  readonly capacity: number;
  layer(index: number): LayerCache;
}

/** Capacities are multiples of this, so that the values begin where a binding may. */
const STEP = 64;

/** Keys and values for `capacity` tokens, as tensors; nothing is allocated. */
export function placeCache({ form, layers }: CacheShape, capacity: number): PlacedCache {
  const placed = layers.map(({ kvHeads, headDim }, index) => {
    const both = kvCache(`cache ${index}`, form, { kvHeads, capacity, headDim });
    const shape = both.shape.slice(1);
    return { both, keys: { ...both, shape }, values: { ...both, shape, offset: both.buffer.bytes / 2 } };
  });
  return { form, capacity, layer: (index) => placed[index]! };
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

  get form(): KvForm {
    return this.#shape.form;
  }

  /** Tokens it can hold now. */
  get capacity(): number {
    return this.#capacity;
  }

  layer(index: number): LayerCache {
    return this.#layers[index]!;
  }

  /** Makes room for `needed` tokens and keeps the first `held`. Plans made for the old size are void. */
  grow(needed: number, held: number): void {
    if (needed <= this.#capacity) return;
    const capacity = STEP * Math.ceil(needed / STEP);
    const { buffers, device } = this.#gpu;
    const placed = placeCache(this.#shape, capacity);
    const grown = this.#shape.layers.map((_, index) => placed.layer(index));
    buffers.allocate(...grown.map(({ both }) => both));
    if (held > 0) {
      const encoder = device.createCommandEncoder();
      for (const [index, { both }] of this.#layers.entries()) {
        const { kvHeads, headDim } = this.#shape.layers[index]!;
        const [from, to] = [buffers.resolve(both), buffers.resolve(grown[index]!.both)];
        const row = 4 * kvRowWords(this.#shape.form, headDim);
        for (let head = 0; head < 2 * kvHeads; head++) {
          encoder.copyBufferToBuffer(from, head * this.#capacity * row, to, head * capacity * row, held * row);
        }
      }
      device.queue.submit([encoder.finish()]);
    }
    this.dispose();
    this.#layers = grown;
    this.#capacity = capacity;
  }

  dispose(): void {
    this.#gpu.buffers.dispose(...this.#layers.map(({ both }) => both));
    this.#layers = [];
    this.#capacity = 0;
  }
}

/** The size to grow to: doubling steps, so that a conversation replans only a few times. */
export function cacheCapacity(needed: number, contextLength: number): number {
  let capacity = 256;
  while (capacity < needed) capacity *= 2;
  return Math.min(capacity, STEP * Math.ceil(contextLength / STEP));
}
