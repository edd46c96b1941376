import { type Dispatch, elementCount, spread, type TensorRef } from "../../dispatch.js";
import type { AdapterReport } from "../../gpu/device.js";
import { ShapeError } from "../../gpu/errors.js";
import { paddedColumns } from "../../matrix.js";
import { type Activation, activations } from "../../parts/activations.js";
import { choice as choicePart, inputPart, lanesWorkgroup, spansWorkgroup } from "../../parts/index.js";
import { weightAccess } from "../../parts/weights.js";
import downWgsl from "./expert-down-operands.wgsl?raw";
import gateUpWgsl from "./expert-gate-up-operands.wgsl?raw";
import wgsl from "./expert-matvec.wgsl?raw";
import rowsWgsl from "./expert-matvec-rows.wgsl?raw";
import { type ExpertStack, expertBlocks, expertRows, herePart } from "./expert-stack.js";

export interface ExpertGateUpInputs {
  /** `[1, top_k, 2]` u32, as `route` writes them. */
  readonly choices: TensorRef;
  /** `[1, K]`. */
  readonly x: TensorRef;
  /** Of each expert `[2 width, K]`: the rows of its gate, then those of up. */
  readonly stack: ExpertStack;
  /** `[top_k, width]`. */
  readonly y: TensorRef;
  readonly activation: Activation;
  /** What the kernel is laid out for, `gpu` unless said: same result, another speed. */
  readonly adapter?: AdapterReport["kind"];
}

/**
 * The first half of the chosen experts for one token: `y[i] = weight[i] · activation(gate x) · (up x)`. Experts that were
 * not chosen are not read. A dispatch for each buffer of the stack.
 *
 * @throws {@link ShapeError} when the sizes do not fit.
 */
export function expertGateUp({ choices, x, stack, y, activation, adapter = "gpu" }: ExpertGateUpInputs): Dispatch[] {
  const topK = topKOf(choices);
  const [, k] = stack.matrix.shape;
  const width = expertRows(stack) / 2;
  if (elementCount(x.shape) !== k || elementCount(y.shape) !== topK * width || !Number.isInteger(width))
    throw misfit("expertGateUp", stack, { x, y }, `[1, ${k}] and [${topK}, ${width}]`);
  const rows = 4 * Math.ceil(width / 2);
  const layout = layoutOf(adapter, k, 128);
  return expertBlocks(stack).map(({ block, uniforms, share, expertBytes }) => {
    const access = weightAccess(stack.matrix, block);
    const WORKGROUPS = Math.ceil(rows / layout.rows);
    return {
      label: `expertGateUp top ${topK} of ${stack.experts}, ${2 * width}x${k} ${stack.matrix.form.kind}`,
      kernel: {
        parts: [
          choicePart,
          herePart,
          ...access.parts,
          activations[activation],
          gateUpPart,
          inputPart(k),
          ...layout.parts,
        ],
        constants: {
          ...access.constants,
          ...layout.constants,
          ROWS: rows,
          EXPERT_ROWS: 2 * width,
          WIDTH: width,
          K: k,
          TOP_K: topK,
          WORKGROUPS,
        },
      },
      buffers: [...access.buffers, x, choices, y],
      uniforms,
      workgroups: spread(WORKGROUPS * topK),
      cost: { bytes: share * (topK * (expertBytes + 4 * width) + 4 * k), flops: share * topK * 4 * width * k },
    };
  });
}

export interface ExpertDownInputs {
  /** `[1, top_k, 2]` u32, as `route` writes them. */
  readonly choices: TensorRef;
  /** `[top_k, K]`: what `expertGateUp` makes. */
  readonly x: TensorRef;
  /** Of each expert `[N, K]`. */
  readonly stack: ExpertStack;
  /** `[1, N]`. */
  readonly y: TensorRef;
  /** `[1, N]`, added to the sum; a buffer other than y's. */
  readonly residual?: TensorRef;
  readonly adapter?: AdapterReport["kind"];
}

/**
 * The second half: `y = (residual +) Σ down x[i]` over the chosen experts. A dispatch for each buffer of the stack.
 *
 * @throws {@link ShapeError} when the sizes do not fit.
 */
export function expertDown({ choices, x, stack, y, residual, adapter = "gpu" }: ExpertDownInputs): Dispatch[] {
  const topK = topKOf(choices);
  const [, k] = stack.matrix.shape;
  const n = expertRows(stack);
  const misfits = [y, residual].some((tensor) => tensor && elementCount(tensor.shape) !== n);
  if (elementCount(x.shape) !== topK * k || misfits)
    throw misfit("expertDown", stack, { x, y, residual }, `[${topK}, ${k}], [1, ${n}] and the same`);
  const layout = layoutOf(adapter, k, 64);
  return expertBlocks(stack).map(({ block, uniforms, share, expertBytes }, index) => {
    const access = weightAccess(stack.matrix, block);
    const WORKGROUPS = Math.ceil(n / layout.rows);
    return {
      label: `expertDown top ${topK} of ${stack.experts}, ${n}x${k} ${stack.matrix.form.kind}`,
      kernel: {
        parts: [choicePart, herePart, ...access.parts, downPart, inputPart(k), ...layout.parts],
        constants: {
          ...access.constants,
          ...layout.constants,
          ROWS: n,
          EXPERT_ROWS: n,
          K: k,
          TOP_K: topK,
          WORKGROUPS,
          RESIDUAL: residual ? 1 : 0,
        },
      },
      buffers: [...access.buffers, x, choices, residual ?? x, y],
      uniforms,
      workgroups: spread(WORKGROUPS),
      cost: {
        bytes: share * topK * (expertBytes + 4 * k) + 4 * n * (index > 0 || residual ? 2 : 1),
        flops: share * topK * 2 * n * k,
      },
    };
  });
}

function topKOf({ shape: [rows, topK = 0, words] }: TensorRef): number {
  if (rows !== 1 || words !== 2)
    throw new ShapeError(
      `choices are [${rows}, ${topK}, ${words}]; [1, top_k, 2] was expected, one token's. For several tokens use groupByExpert and what reads it.`,
    );
  return topK;
}

function misfit(
  op: string,
  { matrix, experts }: ExpertStack,
  found: Readonly<Record<string, TensorRef | undefined>>,
  expected: string,
): ShapeError {
  const shapes = Object.entries(found).map(([name, tensor]) => `${name} [${tensor?.shape ?? "none"}]`);
  return new ShapeError(
    `${op}: ${matrix.name} is [${matrix.shape}] of ${experts} experts, with ${shapes.join(", ")}; ${expected} were expected.`,
  );
}

/** @param LANES - Of a workgroup on a GPU: fewer where there would be too few workgroups to fill it. */
function layoutOf(adapter: AdapterReport["kind"], k: number, LANES: number) {
  if (adapter === "software") return { parts: [lanesWorkgroup, rowsPart], constants: { LANES: 16 }, rows: 4 * 16 };
  const k8 = paddedColumns(k) / 8;
  // As in matvec: lanes that split K read whole memory sectors and still add up several eights each.
  const SPAN = k8 >= 128 ? 32 : k8 >= 64 ? 16 : 8;
  const constants = { LANES, SPAN, TILE8: Math.min(k8, 256) };
  return { parts: [lanesWorkgroup, spansWorkgroup, gpuPart], constants, rows: 4 * (LANES / SPAN) };
}

const gpuPart = { name: "expert-matvec.wgsl", wgsl };
const rowsPart = { name: "expert-matvec-rows.wgsl", wgsl: rowsWgsl };
const gateUpPart = { name: "expert-gate-up-operands.wgsl", wgsl: gateUpWgsl };
const downPart = { name: "expert-down-operands.wgsl", wgsl: downWgsl };
