import { type Dispatch, elementCount, type Part, spread, type TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { groupWordsPerRow, type Matrix, type MatrixBlock, type MatrixForm, wordsPerRow } from "../../matrix.js";
import { lanesWorkgroup } from "../../parts/index.js";
import awqWgsl from "./repack-awq.wgsl?raw";
import gptqWgsl from "./repack-gptq.wgsl?raw";
import orderedWgsl from "./repack-gptq-ordered.wgsl?raw";
import groupsWgsl from "./repack-groups.wgsl?raw";
import sliceWgsl from "./repack-slice.wgsl?raw";
import storeF32Wgsl from "./store-zero.f32.wgsl?raw";
import storeHalfWgsl from "./store-zero.half.wgsl?raw";

/** GPTQ packs values along K, `[K / 8, N]`; AWQ along N, `[K, N / 8]`, in the order 0 2 4 6 1 3 5 7. */
export type PackedLayout = "gptq" | "awq";

type PackedForm = MatrixForm & { readonly kind: "int4" | "int8" };

export interface RepackValuesInputs {
  readonly layout: PackedLayout;
  /** Some rows of `qweight`, as the file has them, `[rows, width]` u32: for AWQ a multiple of eight rows. */
  readonly source: TensorRef;
  /** First of the target's words (of a row) that the source holds. */
  readonly firstWord: number;
  readonly target: Pick<Matrix, "shape"> & { readonly form: PackedForm };
  readonly block: MatrixBlock;
  /** GPTQ's act-order, `[K]` u32: the column at which each input is kept. The target must be zero before its first slice. */
  readonly places?: TensorRef | undefined;
}

/**
 * Brings a slice of GPTQ's or AWQ's packed integers into our order, rows of neighbouring inputs. No number changes.
 *
 * @throws {@link ShapeError} when the slice does not fit the matrix.
 */
export function repackValues({ layout, source, firstWord, target, block, places }: RepackValuesInputs): Dispatch {
  const { shape, form } = target;
  const [n, k] = shape;
  const perWord = form.kind === "int4" ? 8 : 4;
  const [sourceRows = 0, width] = source.shape;
  const words = layout === "awq" ? sourceRows / 8 : sourceRows;
  const stored = Math.ceil(k / perWord);
  if (width !== (layout === "awq" ? n / 8 : n) || !Number.isInteger(words) || firstWord + words > stored) {
    throw new ShapeError(
      `repack: [${source.shape}] words of ${layout} from word ${firstWord} on are no part of [${n}, ${k}], whose rows have ${stored}.`,
    );
  }
  if (layout === "awq" && (form.kind !== "int4" || places))
    throw new ShapeError("repack: awq has 4 bits and no order.");
  if (places && elementCount(places.shape) !== k)
    throw new ShapeError(`repack: an order of [${places.shape}] does not fit ${k} inputs.`);
  const part: Part = places ? orderedPart : layout === "awq" ? awqPart : gptqPart;
  return {
    label: `repack ${layout} ${block.rows}x${words * perWord}`,
    kernel: { parts: [lanesWorkgroup, slicePart, part], constants: { LANES, ...(places && { BITS: 32 / perWord }) } },
    buffers: places ? [source, block.values, places] : [source, block.values],
    uniforms: [width, block.firstRow, block.rows, words, firstWord, wordsPerRow(k, form)],
    workgroups: spread(Math.ceil((block.rows * words) / LANES)),
    cost: { bytes: 8 * block.rows * words, flops: 0 },
  };
}

export interface RepackGroupsInputs {
  readonly layout: PackedLayout;
  /** Some rows of `scales`, `[groups, N]`, two to a word unless f32. */
  readonly scales: TensorRef;
  /** The same rows of `qzeros`, `[groups, N * bits / 32]` u32. */
  readonly zeros: TensorRef;
  /** Added to each zero: 1 for GPTQ's first format, which stores zeros less one. */
  readonly added: 0 | 1;
  /** First group that these are. */
  readonly firstGroup: number;
  /** Its groups are `f16-zero`, `bf16-zero` or, from f32 scales, `f32`. */
  readonly target: Pick<Matrix, "shape"> & { readonly form: PackedForm };
  readonly block: MatrixBlock;
}

/**
 * Brings a slice of scales and zeros into our order, a row's groups side by side. Scales of 16 bits and zeros are kept as
 * they are; of f32 scales the offset `-scale * zero` is rounded to f32.
 *
 * @throws {@link ShapeError} when the slice does not fit the matrix.
 */
export function repackGroups({
  layout,
  scales,
  zeros,
  added,
  firstGroup,
  target,
  block,
}: RepackGroupsInputs): Dispatch {
  const { shape, form } = target;
  const [n, k] = shape;
  const perWord = form.kind === "int4" ? 8 : 4;
  const f32 = form.groupType === "f32";
  const groups = zeros.shape[0] ?? 0;
  const all = Math.ceil(k / form.groupSize);
  const fits =
    elementCount(scales.shape) === (f32 ? groups * n : (groups * n) / 2) &&
    elementCount(zeros.shape) === (groups * n) / perWord &&
    firstGroup + groups <= all;
  if (!fits || !block.groups) {
    throw new ShapeError(
      `repack: scales [${scales.shape}] and zeros [${zeros.shape}] from group ${firstGroup} on are no part of [${n}, ${k}] in ${all} groups.`,
    );
  }
  const store = f32
    ? { name: "store-zero.f32.wgsl", wgsl: storeF32Wgsl }
    : { name: "store-zero.half.wgsl", wgsl: storeHalfWgsl };
  return {
    label: `repack ${layout} groups ${block.rows}x${groups}`,
    kernel: {
      parts: [lanesWorkgroup, slicePart, store, groupsPart],
      constants: { LANES, BITS: 32 / perWord, ADDED: added, AWQ: layout === "awq" ? 1 : 0 },
    },
    buffers: [scales, zeros, block.groups],
    uniforms: [n, block.firstRow, block.rows, groups, firstGroup, groupWordsPerRow(k, form)],
    workgroups: spread(Math.ceil((block.rows * groups) / LANES)),
    cost: { bytes: 8 * block.rows * groups, flops: 0 },
  };
}

const LANES = 64;
const slicePart: Part = { name: "repack-slice.wgsl", wgsl: sliceWgsl };
const gptqPart: Part = { name: "repack-gptq.wgsl", wgsl: gptqWgsl };
const orderedPart: Part = { name: "repack-gptq-ordered.wgsl", wgsl: orderedWgsl };
const awqPart: Part = { name: "repack-awq.wgsl", wgsl: awqWgsl };
const groupsPart: Part = { name: "repack-groups.wgsl", wgsl: groupsWgsl };
