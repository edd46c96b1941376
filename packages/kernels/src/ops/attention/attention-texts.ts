import { type Dispatch, spread, type TensorRef } from "../../dispatch.js";
import type { AdapterReport } from "../../gpu/device.js";
import { ShapeError } from "../../gpu/errors.js";
import { lanesWorkgroup, step as stepPart } from "../../parts/index.js";
import { MAX_HEAD_DIM, rowParts, scorePart, storePart } from "./attention-shape.js";
import wgsl from "./attention-texts.wgsl?raw";
import rowsScalarWgsl from "./rows.scalar.wgsl?raw";

export interface AttentionTextsInputs {
  /** `[2]` u32: position, which is not read, and count; rows at or past count are left alone. */
  readonly step: TensorRef;
  /** `[T, heads, headDim]`. */
  readonly q: TensorRef;
  /** `[T, heads, headDim]`. */
  readonly keys: TensorRef;
  /** `[T, heads, headDim]`. */
  readonly values: TensorRef;
  /** `[T, 2]` u32: of each row, the first row of its text and the one past its last. A row is one of its own text. */
  readonly texts: TensorRef;
  /** `[T, heads, headDim]`, in a buffer of its own. */
  readonly y: TensorRef;
  /** What scores are multiplied by: 1 / sqrt(headDim) for most families. */
  readonly scale: number;
  /** What it will run on; "gpu" unless given. */
  readonly adapter?: AdapterReport["kind"];
}

/**
 * Attention in both directions, as encoders have it: every row sees all of its own text. A batch is texts one after the
 * other, without padding. `cost` is that of a single text of T rows.
 *
 * @throws {@link ShapeError} when shapes disagree or headDim is above 256.
 * @see Devlin et al., arXiv:1810.04805; Milakov and Gimelshein, arXiv:1805.02867 (the online softmax)
 */
export function attentionTexts(inputs: AttentionTextsInputs): Dispatch {
  const { step, q, keys, values, texts, y, scale, adapter = "gpu" } = inputs;
  const [rows = 0, heads = 0, headDim = 0] = q.shape;
  if (q.shape.length !== 3 || [keys, values, y].some(({ shape }) => shape.join() !== q.shape.join())) {
    throw new ShapeError(
      `attentionTexts: q must be [T, heads, headDim], and keys, values and y of the same shape; found [${q.shape}], [${keys.shape}], [${values.shape}] and [${y.shape}].`,
    );
  }
  if (texts.shape.join() !== [rows, 2].join()) {
    throw new ShapeError(`attentionTexts: q is [${q.shape}], so texts must be [${rows},2]; found [${texts.shape}].`);
  }
  if (headDim < 1 || headDim > MAX_HEAD_DIM) {
    throw new ShapeError(`attentionTexts: heads have ${headDim} dimensions; this kernel holds 1 to ${MAX_HEAD_DIM}.`);
  }
  const lanes = adapter === "software" ? 16 : 64;
  const padded = headDim % 4 === 0; // as an f32 cache is
  return {
    label: `attentionTexts ${rows}x${heads}x${headDim}`,
    kernel: {
      parts: [
        stepPart,
        lanesWorkgroup,
        ...(padded ? rowParts(headDim) : [rowsScalar]),
        scorePart,
        storePart,
        kernelPart,
      ],
      constants: {
        HEAD_DIM: headDim,
        HEADS: heads,
        ...(padded && { KV_HEADS: heads }),
        SCALE: scale,
        SOFTCAP: 0,
        WINDOW: 0,
        LANES: lanes,
      },
    },
    buffers: [step, q, keys, values, y, texts],
    workgroups: spread(Math.ceil((rows * heads) / lanes)),
    cost: { bytes: 16 * rows * heads * headDim + 8 * rows, flops: 4 * rows * rows * heads * headDim },
  };
}

const rowsScalar = { name: "rows.scalar.wgsl", wgsl: rowsScalarWgsl };
const kernelPart = { name: "attention-texts.wgsl", wgsl };
