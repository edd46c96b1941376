import { type Dispatch, type Part, spread, type TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { groupWordsPerRow, type MatrixBlock, type MatrixForm, wordsPerRow } from "../../matrix.js";
import { lanesWorkgroup } from "../../parts/index.js";
import { weightAccess } from "../../parts/weights.js";
import wgsl from "./quantise.wgsl?raw";
import storeInt4 from "./store-int4.wgsl?raw";
import storeInt8 from "./store-int8.wgsl?raw";
import storedBf16 from "./stored-bf16.wgsl?raw";
import storedF16 from "./stored-f16.wgsl?raw";
import storedF32 from "./stored-f32.wgsl?raw";

export interface QuantiseInputs {
  /** Plain numbers, read from the block's first row on. */
  readonly source: MatrixBlock;
  readonly sourceForm: MatrixForm & { readonly kind: "f32" | "f16" | "bf16" };
  /** Columns of a row, padding not counted. */
  readonly k: number;
  /** The packed block to write into. */
  readonly target: MatrixBlock;
  readonly targetForm: MatrixForm & { readonly kind: "int4" | "int8" };
  /** First row to write, counted from the block's own first. Multiples of 64 share one compiled kernel. */
  readonly targetRow: number;
  /** Rows to convert. */
  readonly rows: number;
}

/**
 * Quantises rows of a matrix to 4 or 8 bits, one scale and offset a group: `w ≈ scale · q + offset`.
 *
 * Scale and offset are chosen for the least squared error of the group, not by min-max: several ranges are tried, then
 * the best is refined by least squares and nearest assignment in turn, each candidate as it would be stored. Plain
 * min-max rounding is the first candidate, so no group comes out worse than by that. A group that already lies on a grid
 * of 16 or fewer levels (an earlier 4-bit quantisation, ternary weights) is reproduced.
 *
 * Every output is finite for finite input. f16 groups hold offsets and scales up to 65504 and nothing finer than 2⁻²⁴:
 * larger weights are clipped and tinier ones vanish, so give such a matrix groups of type bf16 or f32.
 *
 * @throws {@link ShapeError} when the rows do not fit either block or a block is not of its form.
 */
export function quantise(inputs: QuantiseInputs): Dispatch {
  const { source, sourceForm, k, target, targetForm, targetRow, rows } = inputs;
  const sourceWords = wordsPerRow(k, sourceForm);
  const valueWords = wordsPerRow(k, targetForm);
  const groupWords = groupWordsPerRow(k, targetForm);
  const groups = check(inputs, sourceWords, valueWords, groupWords);
  const values = rowsWindow(target.values, targetRow, rows);
  const scales = rowsWindow(groups, targetRow, rows);
  const access = weightAccess({ name: "source", shape: [rows, k], form: sourceForm, blocks: [source] }, source);
  const groupCount = rows * Math.ceil(k / targetForm.groupSize);
  return {
    label: `quantise ${rows}x${k} ${sourceForm.kind} to ${targetForm.kind}`,
    kernel: {
      parts: [lanesWorkgroup, ...access.parts, storedPart(targetForm), storeParts[targetForm.kind], kernelPart],
      constants: {
        ...access.constants,
        K: k,
        GROUP: targetForm.groupSize,
        VALUE_WORDS: valueWords,
        FIRST_VALUE: values.skipped,
        FIRST_GROUP: scales.skipped,
        LANES,
      },
    },
    buffers: [...access.buffers, values.window, scales.window],
    workgroups: spread(Math.ceil(groupCount / LANES)),
    cost: { bytes: 4 * rows * (sourceWords + valueWords + groupWords), flops: 20 * PASSES[targetForm.kind] * rows * k },
  };
}

const LANES = 64;
/** Readings of each number: starts, refits, the range and the writing, as store-int4.wgsl and store-int8.wgsl set them. */
const PASSES = { int4: 13, int8: 8 };

const kernelPart = { name: "quantise.wgsl", wgsl };
const storedParts = {
  f32: { name: "stored-f32.wgsl", wgsl: storedF32 },
  f16: { name: "stored-f16.wgsl", wgsl: storedF16 },
  bf16: { name: "stored-bf16.wgsl", wgsl: storedBf16 },
};
const storeParts = {
  int4: { name: "store-int4.wgsl", wgsl: storeInt4 },
  int8: { name: "store-int8.wgsl", wgsl: storeInt8 },
};

function storedPart({ groupType }: QuantiseInputs["targetForm"]): Part {
  if (groupType === "f16-zero" || groupType === "bf16-zero")
    throw new ShapeError(`quantise: groups of type ${groupType} have no offsets. Quantise to f16, bf16 or f32 groups.`);
  return storedParts[groupType];
}

/**
 * The window of a tensor that holds the given rows. A binding begins on a multiple of 256 bytes and a row need not, so
 * the window may begin `skipped` words early; its end is the end of the rows, where the kernel stops.
 */
function rowsWindow(tensor: TensorRef, firstRow: number, rows: number): { window: TensorRef; skipped: number } {
  const width = tensor.shape[1]!;
  const skipped = (firstRow * width) % 64;
  const offset = tensor.offset + 4 * (firstRow * width - skipped);
  return { window: { ...tensor, offset, shape: [skipped + rows * width] }, skipped };
}

function check(
  { source, sourceForm, k, target, targetForm, targetRow, rows }: QuantiseInputs,
  sourceWords: number,
  valueWords: number,
  groupWords: number,
): TensorRef {
  const [sourceRows = 0, sourceWidth] = source.values.shape;
  if (rows < 1 || sourceRows < rows || sourceWidth !== sourceWords) {
    throw new ShapeError(
      `quantise: ${rows} rows of ${k} ${sourceForm.kind} columns need a source of [${rows}, ${sourceWords}] words; found [${source.values.shape}].`,
    );
  }
  const { values, groups } = target;
  if (!groups || values.shape[1] !== valueWords || groups.shape[1] !== groupWords) {
    throw new ShapeError(
      `quantise: ${k} columns as ${targetForm.kind} in groups of ${targetForm.groupSize} take ${valueWords} words of values and ${groupWords} of groups a row; the target has [${values.shape}] and [${groups?.shape ?? "none"}].`,
    );
  }
  if (targetRow < 0 || targetRow + rows > target.rows) {
    throw new ShapeError(
      `quantise: rows ${targetRow} to ${targetRow + rows} were asked for; the target block holds ${target.rows}. Split the slice where the block ends.`,
    );
  }
  return groups;
}
