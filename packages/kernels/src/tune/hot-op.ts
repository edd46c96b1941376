import type { Dispatch, TensorRef } from "../dispatch.js";
import type { AdapterReport } from "../gpu/device.js";
import { type GateUpInputs, gateUp } from "../ops/gate-up/gate-up.js";
import { DOTS, HALVES, matmulDefault, matmulVariants } from "../ops/matmul/layout.js";
import { type MatmulInputs, matmul } from "../ops/matmul/matmul.js";
import { type InputNorm, matvecDefault, matvecVariants } from "../ops/matvec/layout.js";
import { type MatvecInputs, matvec } from "../ops/matvec/matvec.js";
import { type QkvInputs, qkv } from "../ops/qkv/qkv.js";

/** An op that has variants, with the inputs of its wrapper. A model's time goes into these. */
export type HotOp =
  | { readonly op: "matvec"; readonly inputs: MatvecInputs }
  | { readonly op: "qkv"; readonly inputs: QkvInputs }
  | { readonly op: "gateUp"; readonly inputs: GateUpInputs }
  | { readonly op: "matmul"; readonly inputs: MatmulInputs };

/** The variant that every op has, against which the others are checked. It takes no norm. */
export const PLAIN = "rows";

/** Variants by the key of their problem: what a search found, and what a cache keeps. */
export type Choices = Readonly<Record<string, string>>;

/** All that decides which variant is right and quick: op, shape, form, and what is folded in. Equal keys are one problem. */
export function problemKey({ op, inputs }: HotOp): string {
  const { matrix, bias } = inputs;
  const { kind, ...groups } = matrix.form;
  const rows = op === "matmul" ? [inputs.x.shape[0]] : [];
  const words = [
    op,
    [...rows, ...matrix.shape].join("x"),
    [kind, ...Object.values(groups)].join("/"),
    ...(matrix.blocks.length > 1 ? [`${matrix.blocks.length} blocks`] : []),
    ...(normOf({ op, inputs } as HotOp) ? ["norm"] : []),
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
  const { op, inputs } = problem;
  const [preferred, names] =
    op === "matmul"
      ? [matmulDefault({ ...inputs, adapter }, true), matmulVariants(inputs)]
      : [
          matvecDefault(adapter, inputs.matrix, inputs.subgroupSize),
          matvecVariants(inputs.matrix, inputs.subgroupSize, inputs.norm),
        ];
  return [...new Set([preferred, ...names])].filter((name) => names.includes(name));
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

export function normOf({ inputs }: HotOp): InputNorm | undefined {
  return "norm" in inputs ? inputs.norm : undefined;
}

/** What a problem writes. */
export function outputsOf({ op, inputs }: HotOp): TensorRef[] {
  return op === "qkv" ? [inputs.q, inputs.cache] : [inputs.y];
}
