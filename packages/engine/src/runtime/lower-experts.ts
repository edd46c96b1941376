import {
  type AdapterReport,
  type Dispatch,
  type ExpertStack,
  expertDown,
  expertGateUp,
  expertSum,
  expertsDown,
  expertsGateUp,
  expertTiles,
  groupByExpert,
  type TensorRef,
} from "@alambic/kernels";
import type { Activation } from "../graph/graph.js";
import type { Workspace } from "./workspace.js";

export interface ExpertsInputs {
  readonly step: TensorRef;
  /** `[rows, K]`. */
  readonly x: TensorRef;
  /** `[rows, top_k, 2]`, from `route`. */
  readonly choices: TensorRef;
  readonly gateUp: ExpertStack;
  readonly down: ExpertStack;
  readonly activation: Activation;
  /** `[rows, K]`, added to what the experts say. */
  readonly residual?: TensorRef;
  /** `[rows, K]`. */
  readonly y: TensorRef;
  readonly adapter: AdapterReport["kind"];
}

/** A layer's experts: for a token two dispatches that read those chosen, for many also the sorting by expert before and the sum after. */
export function lowerExperts(workspace: Workspace, inputs: ExpertsInputs): Dispatch[] {
  const { step, x, choices, gateUp, down, activation, y, adapter } = inputs;
  const [tokens = 0, topK = 0] = choices.shape;
  const width = down.matrix.shape[1];
  const residual = inputs.residual && { residual: inputs.residual };
  const hidden = workspace.take([tokens * topK, width]);
  if (tokens === 1) {
    const dispatches = [
      ...expertGateUp({ choices, x, stack: gateUp, y: hidden, activation, adapter }),
      ...expertDown({ choices, x: hidden, stack: down, y, adapter, ...residual }),
    ];
    workspace.give(hidden);
    return dispatches;
  }
  const { experts } = gateUp;
  const order = workspace.take([tokens * topK]);
  const tiles = workspace.take([expertTiles({ tokens, topK, experts }, adapter), 4]);
  const out = workspace.take([tokens * topK, y.shape[1]!]);
  const grouped = { order, tiles, tokens, adapter };
  const dispatches = [
    groupByExpert({ step, choices, order, tiles, experts, adapter }),
    ...expertsGateUp({ ...grouped, x, stack: gateUp, y: hidden, activation }),
    ...expertsDown({ ...grouped, x: hidden, stack: down, y: out }),
    expertSum({ step, choices, x: out, y, ...residual }),
  ];
  for (const temporary of [hidden, order, tiles, out]) workspace.give(temporary);
  return dispatches;
}
