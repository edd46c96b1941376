import { type Dispatch, pool, type TensorRef, tensor } from "@alambic/kernels";
import type { Pooling } from "../api/types.js";
import type { Graph } from "../graph/graph.js";
import type { LoadedModel } from "./loaded-model.js";
import { lower } from "./lower.js";
import type { LoweringContext } from "./lowering.js";
import { assertText } from "./token-ids.js";

/** Most rows of a pass. More would keep a software adapter from being stopped for long. */
const MOST_ROWS = { gpu: 2048, software: 512 };

/** Most texts of a pass. */
const MOST_TEXTS = 128;

export interface EmbedSettings {
  readonly pooling: Pooling;
  readonly normalize: boolean;
  /** Whether the last hidden state is wanted too. */
  readonly hidden: boolean;
  readonly signal: AbortSignal | undefined;
}

export interface EmbeddedText {
  /** `[hidden_size]`. */
  readonly embedding: Float32Array;
  /** `[T][hidden_size]`, where it was asked for. */
  readonly lastHiddenState?: readonly Float32Array[];
}

/** What one pass of an encoder reads and writes. */
interface PassTensors {
  readonly step: TensorRef;
  readonly ids: TensorRef;
  readonly positions: TensorRef;
  readonly types: TensorRef;
  readonly bounds: TensorRef;
  /** `[MOST_TEXTS, 2]` u32 */
  readonly texts: TensorRef;
  /** `[MOST_TEXTS, hidden_size]` */
  readonly pooled: TensorRef;
}

/** The dispatches of a pass over up to `rows` tokens of several texts, one after the other. */
export function planEmbedding(
  lowering: Omit<LoweringContext, "cache" | "step" | "ids" | "rows" | "logits" | "texts">,
  tensors: PassTensors,
  rows: number,
  way: Pick<EmbedSettings, "pooling" | "normalize">,
): { readonly dispatches: readonly Dispatch[]; readonly hidden: TensorRef } {
  const { body, tail, logits } = lower({
    ...lowering,
    ...tensors,
    cache: { form: "f32", capacity: 0, layer: () => NO_CACHE },
    texts: tensors,
    rows,
    logits: "all",
  });
  const pooling = pool({ x: logits, texts: tensors.texts, y: tensors.pooled, ...way });
  return { dispatches: [...body, ...tail, pooling], hidden: logits };
}

export function placeEmbedding(rows: number, width: number): PassTensors {
  return {
    step: tensor("step", [2], "u32"),
    ids: tensor("ids", [rows], "u32"),
    positions: tensor("positions", [rows], "u32"),
    types: tensor("token types", [rows], "u32"),
    bounds: tensor("bounds of each row's text", [rows, 2], "u32"),
    texts: tensor("bounds of each text", [MOST_TEXTS, 2], "u32"),
    pooled: tensor("embeddings", [MOST_TEXTS, width]),
  };
}

const none = tensor("no cache", [0]);
const NO_CACHE = { both: none, keys: none, values: none };

/**
 * Vectors of texts, given as token ids, by batches. A batch is texts one after the other, so that none is padded.
 *
 * @throws RangeError when a text is empty, longer than the encoder's positions, or has an id outside the vocabulary.
 */
export async function embed(
  model: LoadedModel,
  texts: readonly (readonly number[])[],
  settings: EmbedSettings,
): Promise<EmbeddedText[]> {
  const { architecture, contextLength, gpu } = model;
  for (const text of texts) {
    assertText(text, architecture.vocabulary);
    if (text.length > contextLength)
      throw new RangeError(
        `A text is ${text.length} tokens long; this encoder reads ${contextLength}. Shorten it, or pass it as text, which is cut.`,
      );
  }
  if (texts.length === 0) return [];
  const most = Math.max(contextLength, MOST_ROWS[gpu.adapter.kind]);
  const batches = inBatches(texts, most);
  const rows = Math.max(...batches.map((batch) => batch.reduce((sum, { length }) => sum + length, 0)), 2);
  const width = architecture.hidden;
  const first = firstPosition(model.lowering(undefined).graph);
  const tensors = placeEmbedding(rows, width);
  const all = Object.values(tensors) as TensorRef[];
  gpu.buffers.allocate(...all);
  const adapters = model.adapters.use();
  try {
    const { dispatches, hidden } = planEmbedding(model.lowering(adapters.set), tensors, rows, settings);
    await gpu.buffers.settled();
    await gpu.executor.prepare(dispatches);
    const embedded: EmbeddedText[] = [];
    for (const batch of batches) {
      settings.signal?.throwIfAborted();
      write(model, tensors, batch, first);
      gpu.executor.run(dispatches);
      const length = batch.reduce((sum, text) => sum + text.length, 0);
      // Both are asked for before anything else is submitted: the hidden state lies in memory that all plans share.
      const [vectors, states] = (await Promise.all([
        gpu.buffers.read(tensors.pooled, batch.length * width),
        settings.hidden ? gpu.buffers.read(hidden, length * width) : undefined,
      ])) as [Float32Array, Float32Array | undefined];
      gpu.assertHealthy();
      let row = 0;
      for (const [index, text] of batch.entries()) {
        const embedding = vectors.slice(index * width, (index + 1) * width);
        const own = states?.subarray(row * width, (row + text.length) * width);
        const rowsOf = (all: Float32Array) => text.map((_, t) => all.slice(t * width, (t + 1) * width));
        embedded.push({ embedding, ...(own && { lastHiddenState: rowsOf(own) }) });
        row += text.length;
      }
    }
    return embedded;
  } finally {
    adapters.release();
    gpu.buffers.dispose(...all);
  }
}

function inBatches(texts: readonly (readonly number[])[], most: number): (readonly number[])[][] {
  const batches: (readonly number[])[][] = [];
  let rows = most;
  for (const text of texts) {
    const last = batches.at(-1);
    if (last && last.length < MOST_TEXTS && rows + text.length <= most) last.push(text);
    else {
      batches.push([text]);
      rows = 0;
    }
    rows += text.length;
  }
  return batches;
}

/** The position of a text's first token: 0 but for RoBERTa. */
function firstPosition({ nodes }: Graph): number {
  for (const { operation } of nodes) if (operation.op === "positions") return operation.first;
  return 0;
}

function write(
  { gpu }: LoadedModel,
  tensors: PassTensors,
  batch: readonly (readonly number[])[],
  firstPosition: number,
): void {
  const length = batch.reduce((sum, text) => sum + text.length, 0);
  const bounds = new Uint32Array(2 * length);
  const positions = new Uint32Array(length);
  const texts = new Uint32Array(2 * MOST_TEXTS);
  let first = 0;
  for (const [index, text] of batch.entries()) {
    const end = first + text.length;
    texts.set([first, end], 2 * index);
    for (let row = first; row < end; row++) {
      bounds.set([first, end], 2 * row);
      positions[row] = firstPosition + row - first;
    }
    first = end;
  }
  const { buffers } = gpu;
  buffers.write(tensors.step, Uint32Array.of(0, length));
  buffers.write(tensors.ids, Uint32Array.from(batch.flat()));
  buffers.write(tensors.positions, positions);
  buffers.write(tensors.types, new Uint32Array(length));
  buffers.write(tensors.bounds, bounds);
  buffers.write(tensors.texts, texts);
}
