import { type Dispatch, type TensorRef, tensor } from "../dispatch.js";
import type { AdapterReport } from "../gpu/device.js";
import { kvCache } from "../kv-form.js";
import { groupWordsPerRow, type Matrix, matrixBytes, wordsPerRow } from "../matrix.js";
import { matmulPartials } from "../ops/matmul/matmul.js";
import { rmsNorm } from "../ops/rms-norm/rms-norm.js";
import type { RoundedRows } from "../ops/round-rows/round-rows.js";
import { attentionTrial } from "./attention-trial.js";
import {
  type HotOp,
  type HotProjection,
  isAttention,
  normOf,
  outputsOf,
  PLAIN,
  planVariant,
  problemKey,
  variantsOf,
} from "./hot-op.js";
import { floatWord, groupsWord, type RandomWord, valuesWord } from "./random-words.js";

export interface Candidate {
  readonly variant: string;
  readonly dispatches: readonly Dispatch[];
}

/** A scratch tensor and what it holds: u32 words, or a source of them. */
export interface Filled {
  readonly tensor: TensorRef;
  readonly words: Uint32Array | ((index: number, random: RandomWord) => number);
  /** Words of a row, where what a word is depends on its place in one. */
  readonly rowWords?: number;
}

/** Positions at which the gate looks at a variant, one after the other; it is timed at the last. */
export interface Steps {
  readonly tensor: TensorRef;
  readonly words: readonly Uint32Array[];
}

/** A problem at the model's own shape on tensors of its own, ready to be run in each variant. Nothing is allocated yet. */
export interface Trial {
  readonly key: string;
  /** The plain kernel; the choice when no candidate agrees with it. */
  readonly reference: Candidate;
  /** What is taken by default comes first. */
  readonly candidates: readonly Candidate[];
  readonly tensors: readonly Filled[];
  /** Among the tensors: written by the dispatches, and filled before each run, so that what is not written shows. */
  readonly outputs: readonly Filled[];
  /** Where one position would not show enough. */
  readonly steps?: Steps;
}

/** A matrix larger than this is tried on its first rows: the scratch copy would take the memory the model needs. */
const LARGEST_MATRIX = 64 * 2 ** 20;

/** Describes the trial of a problem: random inputs, and random weights or keys and values in the model's own form. */
export function trialOf(problem: HotOp, adapter: AdapterReport["kind"]): Trial {
  return isAttention(problem) ? attentionTrial(problem, adapter) : projectionTrial(problem, adapter);
}

function projectionTrial(problem: HotProjection, adapter: AdapterReport["kind"]): Trial {
  const scratch = new Scratch();
  const within = withRoom(withinScratch(withPlainCache(problem)), adapter);
  const copy = { op: problem.op, inputs: scratch.copyInputs(within) } as HotProjection;
  const outputs = outputsOf(copy).map(({ buffer }) => scratch.tensors.find(({ tensor }) => tensor.buffer === buffer)!);
  const candidates = variantsOf(copy, adapter).map((variant) => ({ variant, dispatches: planVariant(copy, variant) }));
  return {
    key: problemKey(problem),
    reference: { variant: PLAIN, dispatches: plainly(copy, scratch) },
    candidates,
    tensors: scratch.tensors,
    outputs,
  };
}

/** The plain kernel, its input normed by a dispatch before it. */
function plainly(problem: HotProjection, scratch: Scratch): readonly Dispatch[] {
  const norm = normOf(problem);
  if (!norm) return planVariant(problem, PLAIN);
  const { x } = problem.inputs;
  const k = problem.inputs.matrix.shape[1];
  const step = scratch.add(tensor("trial step", [2], "u32"), Uint32Array.of(0, 1));
  const y = scratch.copy(tensor("trial normed", x.shape));
  const { norm: _, ...inputs } = problem.inputs as { norm?: unknown } & HotProjection["inputs"];
  return [
    rmsNorm({ step, x: { ...x, shape: [1, k] }, ...norm, y: { ...y, shape: [1, k] } }),
    ...planVariant({ op: problem.op, inputs: { ...inputs, x: y } } as HotProjection, PLAIN),
  ];
}

/** Shares no buffer with the model, so that a kernel gone wrong harms nothing. */
class Scratch {
  readonly tensors: Filled[] = [];

  add(subject: TensorRef, words: Filled["words"]): TensorRef {
    this.tensors.push({ tensor: subject, words });
    return subject;
  }

  copy({ buffer, shape, dtype }: TensorRef): TensorRef {
    return this.add(tensor(`trial ${buffer.label}`, shape, dtype), (_, random) => floatWord(random));
  }

  copyMatrix(matrix: Matrix): Matrix {
    const { form } = matrix;
    const blocks = matrix.blocks.map(({ values, groups, ...rest }) => ({
      ...rest,
      values: this.add(tensor("trial weights", values.shape, values.dtype), (_, random) => valuesWord(form, random)),
      ...(groups && {
        groups: this.add(tensor("trial groups", groups.shape, "u32"), (index, random) =>
          groupsWord(form, index, random),
        ),
      }),
    }));
    return { ...matrix, blocks };
  }

  copyInputs({ op, inputs }: HotProjection): HotProjection["inputs"] {
    const { matrix, step, norm, rounded, ...rest } = inputs as HotProjection["inputs"] & {
      step?: TensorRef;
      norm?: { weight: TensorRef };
      rounded?: RoundedRows;
    };
    const tensors = Object.entries(rest).map(([name, value]) => [name, isTensor(value) ? this.copy(value) : value]);
    return {
      ...Object.fromEntries(tensors),
      matrix: this.copyMatrix(matrix),
      ...(step && { step: this.add(tensor("trial step", [2], "u32"), stepOf({ op, inputs } as HotProjection)) }),
      ...(norm && { norm: { ...norm, weight: this.copy(norm.weight) } }),
      ...(rounded && { rounded: { bytes: this.copy(rounded.bytes), scales: this.copy(rounded.scales) } }),
    };
  }
}

function isTensor(value: unknown): value is TensorRef {
  return typeof value === "object" && value !== null && "buffer" in value;
}

/** A pass that is not full, and a position that is not the first, where there is room. */
function stepOf({ op, inputs }: HotProjection): Uint32Array {
  if (op === "matmul") return Uint32Array.of(0, Math.max(1, inputs.x.shape[0]! - 3));
  if (op === "qkv") return Uint32Array.of(Math.min(3, inputs.table.shape[0]! - 1, inputs.cache.shape[2]! - 1), 1);
  return Uint32Array.of(0, 1);
}

/** An f32 cache, so that it can be compared number by number: variants differ before a number reaches the cache. */
function withPlainCache(problem: HotProjection): HotProjection {
  if (problem.op !== "qkv") return problem;
  const { cache, q } = problem.inputs;
  const [, kvHeads = 0, capacity = 0] = cache.shape;
  const plain = kvCache(cache.buffer.label, "f32", { kvHeads, capacity, headDim: q.shape[2] ?? 0 });
  return { op: "qkv", inputs: { ...problem.inputs, kv: "f32", cache: plain } };
}

/** Room for what slices of K find, in the variant that takes the most. */
function withRoom(problem: HotProjection, adapter: AdapterReport["kind"]): HotProjection {
  if (problem.op !== "matmul") return problem;
  const rooms = variantsOf(problem, adapter)
    .map((variant) => matmulPartials({ ...problem.inputs, variant }))
    .filter((shape) => shape !== undefined);
  const [first, ...rest] = rooms.map((shape) => tensor("partials", shape));
  if (!first) return problem;
  const partials = rest.reduce((a, b) => (b.buffer.bytes > a.buffer.bytes ? b : a), first);
  return { op: "matmul", inputs: { ...problem.inputs, partials } };
}

function withinScratch(problem: HotProjection): HotProjection {
  const { matrix } = problem.inputs;
  const [block] = matrix.blocks;
  if (matrixBytes(matrix) <= LARGEST_MATRIX || !block || problem.op === "qkv" || problem.op === "gateUp")
    return problem;
  const [, k] = matrix.shape;
  const rowBytes = 4 * (wordsPerRow(k, matrix.form) + groupWordsPerRow(k, matrix.form));
  const rows = Math.max(1, Math.min(block.rows, Math.floor(LARGEST_MATRIX / rowBytes)));
  const narrowed = (source: TensorRef, width = rows) => ({ ...source, shape: [...source.shape.slice(0, -1), width] });
  const { values, groups } = block;
  const first = {
    firstRow: 0,
    rows,
    values: firstRows(values, rows),
    ...(groups && { groups: firstRows(groups, rows) }),
  };
  const { y, residual, bias } = problem.inputs;
  return {
    op: problem.op,
    inputs: {
      ...problem.inputs,
      matrix: { ...matrix, shape: [rows, k], blocks: [first] },
      y: narrowed(y),
      ...(residual && { residual: narrowed(residual) }),
      ...(bias && { bias: narrowed(bias) }),
    },
  } as HotProjection;
}

function firstRows(source: TensorRef, rows: number): TensorRef {
  return { ...source, shape: [rows, ...source.shape.slice(1)] };
}

/** Of all the WGSL and constants that a trial would run: what was found for another version of a kernel does not hold for this one. */
export function fingerprintOf({ reference, candidates }: Trial): string {
  let hash = 0x811c_9dc5; // FNV-1a
  for (const { variant, dispatches } of [reference, ...candidates]) {
    for (const { kernel } of dispatches) {
      const text = [variant, JSON.stringify(kernel.constants), ...kernel.parts.map(({ wgsl }) => wgsl)].join("\n");
      for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193);
    }
  }
  return (hash >>> 0).toString(16);
}
