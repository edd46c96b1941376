import { type Dispatch, sizeOf, type TensorRef } from "../../dispatch.js";
import type { AdapterReport } from "../../gpu/device.js";
import { ShapeError } from "../../gpu/errors.js";
import { type Activation, activations } from "../../parts/activations.js";
import { choice as choicePart, inputPart, lanesWorkgroup, step as stepPart } from "../../parts/index.js";
import { rowChunks } from "../../parts/row-chunks.js";
import { weightAccess } from "../../parts/weights.js";
import wgsl from "./expert-matmul.wgsl?raw";
import rowsWgsl from "./expert-matmul-rows.wgsl?raw";
import { type ExpertStack, expertBlocks, expertRows, expertsReached, herePart } from "./expert-stack.js";
import sumWgsl from "./expert-sum.wgsl?raw";
import downWgsl from "./experts-down.wgsl?raw";
import gateUpWgsl from "./experts-gate-up.wgsl?raw";
import operandsWgsl from "./experts-operands.wgsl?raw";
import groupWgsl from "./group-by-expert.wgsl?raw";
import tileWgsl from "./tile-16x64x32.wgsl?raw";

/** Which tokens each expert gets, in the order in which they are computed. */
export interface ExpertGroups {
  /** `[T · top_k]` u32. */
  readonly order: TensorRef;
  /** `[expertTiles(...), 4]` u32. */
  readonly tiles: TensorRef;
}

export interface GroupByExpertInputs extends ExpertGroups {
  /** `[2]` u32: position and count; tokens at or past count go to no expert. */
  readonly step: TensorRef;
  /** `[T, top_k, 2]` u32, as `route` writes them. */
  readonly choices: TensorRef;
  readonly experts: number;
  /** What the kernels that read the groups are laid out for, `gpu` unless said. */
  readonly adapter?: AdapterReport["kind"];
}

/** Most tiles that tokens can fall into: each expert may leave one that is not full. */
export function expertTiles(
  { tokens, topK, experts }: { readonly tokens: number; readonly topK: number; readonly experts: number },
  adapter: AdapterReport["kind"] = "gpu",
): number {
  const assignments = tokens * topK;
  return Math.floor(assignments / LAYOUTS[adapter].tokens) + Math.min(experts, assignments);
}

/**
 * Sorts the tokens of a chunk by the experts they were sent to, on the GPU: `expertsGateUp` and `expertsDown` then read
 * each expert's weights once for all its tokens.
 *
 * @throws {@link ShapeError} when order or tiles are not of the size that the choices ask for.
 */
export function groupByExpert({
  step,
  choices,
  order,
  tiles,
  experts,
  adapter = "gpu",
}: GroupByExpertInputs): Dispatch {
  const [tokens = 0, topK = 0] = choices.shape;
  const most = expertTiles({ tokens, topK, experts }, adapter);
  if (order.shape[0] !== tokens * topK || tiles.shape[0] !== most || tiles.shape[1] !== 4 || experts > MOST_EXPERTS) {
    throw new ShapeError(
      `groupByExpert: choices are [${choices.shape}] of ${experts} experts, with order [${order.shape}] and tiles [${tiles.shape}]; [${tokens * topK}] and [${most},4] were expected, and at most ${MOST_EXPERTS} experts.`,
    );
  }
  return {
    label: `groupByExpert ${tokens}x${topK} of ${experts}`,
    kernel: {
      parts: [stepPart, choicePart, lanesWorkgroup, groupPart],
      constants: {
        EXPERTS: experts,
        TOP_K: topK,
        TILE: LAYOUTS[adapter].tokens,
        MOST_TILES: most,
        LANES: Math.min(256, 2 ** Math.ceil(Math.log2(experts))),
      },
    },
    buffers: [step, choices, order, tiles],
    workgroups: [1, 1, 1],
    cost: { bytes: sizeOf(choices) + sizeOf(order) + sizeOf(tiles), flops: 0 },
  };
}

interface ExpertsInputs extends ExpertGroups {
  /** Tokens of the chunk. */
  readonly tokens: number;
  readonly stack: ExpertStack;
  /** What the kernel is laid out for, `gpu` unless said: the same as for the groups. */
  readonly adapter?: AdapterReport["kind"];
}

export interface ExpertsGateUpInputs extends ExpertsInputs {
  /** `[T, K]`. */
  readonly x: TensorRef;
  /** `[T · top_k, width]`, where the stack has 2 width rows an expert: its gate, then up. */
  readonly y: TensorRef;
  readonly activation: Activation;
}

/**
 * The first half of the chosen experts for many tokens: `activation(gate x) · (up x)`, a row for each choice of each
 * token. A dispatch for each buffer of the stack.
 *
 * @throws {@link ShapeError} when the sizes do not fit.
 */
export function expertsGateUp({ activation, ...inputs }: ExpertsGateUpInputs): Dispatch[] {
  const width = expertRows(inputs.stack) / 2;
  return expertsMatmul("expertsGateUp", inputs, {
    parts: [activations[activation], { name: "experts-gate-up.wgsl", wgsl: gateUpWgsl }],
    width,
    xRows: inputs.tokens,
    rowsPerResult: 2,
  });
}

export interface ExpertsDownInputs extends ExpertsInputs {
  /** `[T · top_k, K]`: what `expertsGateUp` makes. */
  readonly x: TensorRef;
  /** `[T · top_k, N]`. */
  readonly y: TensorRef;
}

/** The second half: `down x`, a row for each choice of each token. @throws {@link ShapeError} when the sizes do not fit. */
export function expertsDown(inputs: ExpertsDownInputs): Dispatch[] {
  return expertsMatmul("expertsDown", inputs, {
    parts: [{ name: "experts-down.wgsl", wgsl: downWgsl }],
    width: expertRows(inputs.stack),
    xRows: inputs.order.shape[0]!,
    rowsPerResult: 1,
  });
}

function expertsMatmul(
  op: string,
  { tokens, x, y, stack, order, tiles, adapter = "gpu" }: ExpertsInputs & { x: TensorRef; y: TensorRef },
  half: { parts: Dispatch["kernel"]["parts"]; width: number; xRows: number; rowsPerResult: number },
): Dispatch[] {
  const { matrix, experts } = stack;
  const [, k] = matrix.shape;
  const [assignments = 0] = order.shape;
  const { width, xRows, rowsPerResult } = half;
  const topK = assignments / tokens;
  if (x.shape.join() !== [xRows, k].join() || y.shape.join() !== [assignments, width].join()) {
    throw new ShapeError(
      `${op}: ${matrix.name} is [${matrix.shape}] of ${experts} experts, with ${assignments} choices of ${tokens} tokens, so x must be [${xRows},${k}] and y [${assignments},${width}]; found [${x.shape}] and [${y.shape}].`,
    );
  }
  const layout = LAYOUTS[adapter];
  const reached = expertsReached(experts, tokens, topK);
  return expertBlocks(stack).map(({ block, uniforms, share, expertBytes }) => {
    const access = weightAccess(matrix, block);
    return {
      label: `${op} ${tokens} top ${topK} of ${experts}, ${rowsPerResult * width}x${k} ${matrix.form.kind}`,
      kernel: {
        parts: [herePart, ...access.parts, inputPart(k), operandsPart, ...half.parts, ...layout.parts],
        constants: {
          ...access.constants,
          EXPERT_ROWS: expertRows(stack),
          ...layout.constants,
          K: k,
          Y_WIDTH: width,
          SHARED_BY: assignments / xRows,
        },
      },
      buffers: [...access.buffers, x, order, tiles, y],
      uniforms,
      workgroups: [Math.ceil((rowsPerResult * width) / layout.rows), tiles.shape[0]!, 1],
      cost: {
        bytes: share * (reached * expertBytes + sizeOf(x) + sizeOf(y)),
        flops: share * assignments * 2 * rowsPerResult * width * k,
      },
    };
  });
}

export interface ExpertSumInputs {
  /** `[2]` u32: position and count; tokens at or past count are left alone. */
  readonly step: TensorRef;
  /** `[T, top_k, 2]` u32, as `route` writes them. */
  readonly choices: TensorRef;
  /** `[T · top_k, width]`. */
  readonly x: TensorRef;
  /** `[T, width]`. */
  readonly y: TensorRef;
  /** `[T, width]`, added to the sum; a buffer other than y's. */
  readonly residual?: TensorRef;
}

/** What a token's experts say, by their weights: `y = (residual +) Σ weight · x`. @throws {@link ShapeError} when the sizes do not fit. */
export function expertSum({ step, choices, x, y, residual }: ExpertSumInputs): Dispatch {
  const [tokens = 0, topK = 0] = choices.shape;
  const [, width = 0] = y.shape;
  const fits = (tensor: TensorRef, rows: number) => tensor.shape.join() === [rows, width].join();
  if (!fits(x, tokens * topK) || !fits(y, tokens) || !(residual === undefined || fits(residual, tokens))) {
    throw new ShapeError(
      `expertSum: choices are [${choices.shape}] and y [${y.shape}], so x must be [${tokens * topK},${width}] and y and the residual [${tokens},${width}]; found [${x.shape}] and [${residual?.shape ?? "none"}].`,
    );
  }
  return {
    label: `expertSum ${tokens}x${width} top ${topK}`,
    kernel: {
      parts: [...rowChunks.parts, choicePart, { name: "expert-sum.wgsl", wgsl: sumWgsl }],
      constants: { WIDTH: width, TOP_K: topK, RESIDUAL: residual ? 1 : 0, ...rowChunks.constants },
    },
    buffers: [step, choices, x, residual ?? x, y],
    workgroups: rowChunks.workgroups(tokens, width),
    cost: { bytes: 4 * tokens * width * (topK + (residual ? 2 : 1)), flops: 2 * tokens * topK * width },
  };
}

const MOST_EXPERTS = 4096; // whose counts fit the 16 KiB of workgroup memory that every device has

/** Assignments and rows of W that one workgroup takes, and the parts that say so. */
const LAYOUTS = {
  gpu: {
    parts: [
      { name: "tile-16x64x32.wgsl", wgsl: tileWgsl },
      { name: "expert-matmul.wgsl", wgsl },
    ],
    constants: {},
    tokens: 16,
    rows: 64,
  },
  software: {
    parts: [lanesWorkgroup, { name: "expert-matmul-rows.wgsl", wgsl: rowsWgsl }],
    constants: { LANES: 16 },
    tokens: 4,
    rows: 4 * 16,
  },
} as const;

const groupPart = { name: "group-by-expert.wgsl", wgsl: groupWgsl };
const operandsPart = { name: "experts-operands.wgsl", wgsl: operandsWgsl };
