import type { Dispatch, TensorRef } from "../dispatch.js";
import type { AdapterReport } from "../gpu/device.js";
import {
  type AttentionDecodeInputs,
  attentionDecode,
  decodeDefault,
  decodeVariants,
} from "../ops/attention/attention-decode.js";
import {
  type AttentionPrefillInputs,
  attentionPrefill,
  prefillDefault,
  prefillVariants,
} from "../ops/attention/attention-prefill.js";
import { type GateUpInputs, gateUp } from "../ops/gate-up/gate-up.js";
import { DOTS, HALVES, matmulDefault, matmulVariants } from "../ops/matmul/layout.js";
import { type MatmulInputs, matmul } from "../ops/matmul/matmul.js";
import { type InputNorm, matvecDefault, matvecVariants } from "../ops/matvec/layout.js";
import { type MatvecInputs, matvec } from "../ops/matvec/matvec.js";
import { type QkvInputs, qkv } from "../ops/qkv/qkv.js";

/** An op that has variants, with the inputs of its wrapper. A model's time goes into these. */
export type HotOp = HotProjection | HotAttention;

export type HotProjection =
  | { readonly op: "matvec"; readonly inputs: MatvecInputs }
  | { readonly op: "qkv"; readonly inputs: QkvInputs }
  | { readonly op: "gateUp"; readonly inputs: GateUpInputs }
  | { readonly op: "matmul"; readonly inputs: MatmulInputs };

export type HotAttention =
  | { readonly op: "attentionDecode"; readonly inputs: AttentionDecodeInputs }
  | { readonly op: "attentionPrefill"; readonly inputs: AttentionPrefillInputs };

export function isAttention(problem: HotOp): problem is HotAttention {
  return problem.op === "attentionDecode" || problem.op === "attentionPrefill";
}

/** Tokens of context for which attention is tried: an odd number, so that no split or tile ends where the context does. */
export const TRIAL_CONTEXT = 1999;

/** The variant that every op has, against which the others are checked. It takes no norm. */
export const PLAIN = "rows";

/** Variants by the key of their problem: what a search found, and what a cache keeps. */
export type Choices = Readonly<Record<string, string>>;

/** All that decides which variant is right and quick: op, shape, form, and what is folded in. Equal keys are one problem. */
export function problemKey(problem: HotOp): string {
  return isAttention(problem) ? attentionKey(problem) : projectionKey(problem);
}

/** The capacity of the cache is no part of it: a cache grows, and what was chosen stays. */
function attentionKey({ op, inputs }: HotAttention): string {
  const { q, keys, kv = "f32", window, softcap } = inputs;
  const [rows, heads, headDim] = q.shape;
  const shape = `${heads}/${keys.shape[0]}x${headDim}`;
  const words = [
    op,
    op === "attentionPrefill" ? `${rows}x${shape}` : shape,
    kv,
    ...(window !== undefined ? [`window ${window}`] : []),
    ...(softcap !== undefined ? ["softcap"] : []),
    ...("causal" in inputs && inputs.causal === false ? ["both ways"] : []),
  ];
  return words.join(" ");
}

function projectionKey({ op, inputs }: HotProjection): string {
  const { matrix, bias } = inputs;
  const { kind, ...groups } = matrix.form;
  const rows = op === "matmul" ? [inputs.x.shape[0]] : [];
  const words = [
    op,
    [...rows, ...matrix.shape].join("x"),
    [kind, ...Object.values(groups)].join("/"),
    ...(matrix.blocks.length > 1 ? [`${matrix.blocks.length} blocks`] : []),
    ...(normOf({ op, inputs } as HotProjection) ? ["norm"] : []),
    ...(bias ? ["bias"] : []),
    ...(("rounded" in inputs && inputs.rounded) || ("halves" in inputs && inputs.halves) ? ["fast"] : []),
    ...("residual" in inputs && inputs.residual ? ["residual"] : []),
    ...("activation" in inputs ? [inputs.activation] : []),
    ...("q" in inputs ? [`heads ${inputs.q.shape.slice(1).join("x")}`] : []),
  ];
  return words.join(" ");
}

/** The variants that can do a problem, what is taken by default first. */
export function variantsOf(problem: HotOp, adapter: AdapterReport["kind"]): string[] {
  const [preferred, names] = defaultAndAll(problem, adapter);
  return [...new Set([preferred, ...names])].filter((name) => names.includes(name));
}

function defaultAndAll({ op, inputs }: HotOp, adapter: AdapterReport["kind"]): [preferred: string, names: string[]] {
  switch (op) {
    case "attentionDecode":
      return [decodeDefault(adapter), decodeVariants(inputs)];
    case "attentionPrefill":
      return [prefillDefault(adapter, inputs), prefillVariants(inputs)];
    case "matmul":
      return [matmulDefault({ ...inputs, adapter }, true), matmulVariants(inputs)];
    default:
      return [
        matvecDefault(adapter, inputs.matrix, inputs.subgroupSize),
        matvecVariants(inputs.matrix, inputs.subgroupSize, inputs.norm),
      ];
  }
}

/** Numbers that one run reads at least: what the most costly problems of a model are known by. */
export function numbersRead(problem: HotOp): number {
  if (!isAttention(problem)) return problem.inputs.matrix.shape[0] * problem.inputs.matrix.shape[1];
  const { q, keys, window = TRIAL_CONTEXT } = problem.inputs;
  return 2 * keys.shape[0]! * Math.min(window, TRIAL_CONTEXT) * q.shape[2]!;
}

/** The choice for a problem, unless there is none or it names a variant that no longer exists. */
export function chosenVariant(choices: Choices, problem: HotOp): string | undefined {
  const name = choices[problemKey(problem)];
  return name !== undefined && variantsOf(problem, "gpu").includes(name) ? name : undefined;
}

/**
 * The bound of exact variants on the squared error over the squared reference. Two orders of f32 sums differ by about 1e-14;
 * a scale rounded to bf16 differs by 1e-6 and sums in f16 by 1e-9 or more, so that neither passes for exact.
 */
export const EXACT_BOUND = 1e-11;

/** The bound of the variant that rounds x to bytes: on a trial's numbers, whose greatest of 32 is about 2, rounding makes up to 1.5e-5, and one bit less four times that. */
export const ROUNDED_BOUND = 4e-5;

/** The bound of variants that multiply in f16: rounding weights, x and sums of 32 products makes up to 5e-7 on a trial's numbers, and one bit less four times that. */
export const HALVES_BOUND = 1e-6;

export function boundOf(variant: string): number {
  if (variant === DOTS) return ROUNDED_BOUND;
  return variant.startsWith(HALVES) ? HALVES_BOUND : EXACT_BOUND;
}

/** The dispatches of a problem in one variant. */
export function planVariant({ op, inputs }: HotOp, variant: string): readonly Dispatch[] {
  switch (op) {
    case "attentionDecode":
      return attentionDecode({ ...inputs, variant });
    case "attentionPrefill":
      return [attentionPrefill({ ...inputs, variant })];
    case "matvec":
      return matvec({ ...inputs, variant });
    case "qkv":
      return [qkv({ ...inputs, variant })];
    case "gateUp":
      return [gateUp({ ...inputs, variant })];
    case "matmul":
      return matmul({ ...inputs, variant });
  }
}

/** The norm that a problem's kernel is asked to do on its way, if any. */
export function normOf({ inputs }: HotOp): InputNorm | undefined {
  return "norm" in inputs ? inputs.norm : undefined;
}

/** What a problem writes. */
export function outputsOf({ op, inputs }: HotOp): TensorRef[] {
  return op === "qkv" ? [inputs.q, inputs.cache] : [inputs.y];
}
