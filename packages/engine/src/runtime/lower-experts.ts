import {
  expertDown,
  expertGateUp,
  expertSum,
  expertsDown,
  expertsGateUp,
  expertTiles,
  groupByExpert,
  route,
  sigmoidGate,
} from "@alambic/kernels";
import type { Node, OperationOf } from "../graph/graph.js";
import type { Lower, Lowering } from "./lowering.js";

const lowerRoute: Lower<"route"> = (lowering, node, { x, normalise }) => ({
  reads: [x],
  plan: () =>
    lowering.push(route({ step: lowering.step, logits: lowering.see(x), choices: lowering.take(node), normalise })),
});

const lowerSigmoidGate: Lower<"sigmoidGate"> = (lowering, node, { x, gate }, residual) => ({
  reads: residual ? [x, gate, residual] : [x, gate],
  plan() {
    const inputs = { step: lowering.step, x: lowering.see(x), gate: lowering.see(gate), y: lowering.take(node) };
    lowering.push(sigmoidGate({ ...inputs, ...(residual && { residual: lowering.see(residual) }) }));
  },
});

const lowerExperts: Lower<"experts"> = (lowering, node, operation, residual) => {
  const { x, route } = operation;
  return {
    reads: residual ? [x, route, residual] : [x, route],
    plan: () => planExperts(lowering, node, operation, residual),
  };
};

/** What only mixtures of experts compute. */
export const EXPERTS = { route: lowerRoute, experts: lowerExperts, sigmoidGate: lowerSigmoidGate };

/** For a token two dispatches that read the experts chosen, for many also the sorting by expert before and the sum after. */
function planExperts(lowering: Lowering, node: Node, operation: OperationOf<"experts">, added: Node | undefined): void {
  const { step, context } = lowering;
  const { workspace, adapter } = context;
  const { activation } = operation;
  const stack = (parameter: typeof operation.down) => ({
    matrix: lowering.matrix(parameter),
    experts: parameter.experts.count,
  });
  const [x, choices, y] = [lowering.see(operation.x), lowering.see(operation.route), lowering.take(node)];
  const [gateUp, down] = [stack(operation.gateUp), stack(operation.down)];
  const residual = added && { residual: lowering.see(added) };
  const [tokens = 0, topK = 0] = choices.shape;
  const hidden = workspace.take([tokens * topK, down.matrix.shape[1]]);
  if (tokens === 1) {
    lowering.push(
      ...expertGateUp({ choices, x, stack: gateUp, y: hidden, activation, adapter }),
      ...expertDown({ choices, x: hidden, stack: down, y, adapter, ...residual }),
    );
    workspace.give(hidden);
    return;
  }
  const { experts } = gateUp;
  const order = workspace.take([tokens * topK]);
  const tiles = workspace.take([expertTiles({ tokens, topK, experts }, adapter), 4]);
  const out = workspace.take([tokens * topK, y.shape[1]!]);
  const grouped = { order, tiles, tokens, adapter };
  lowering.push(
    groupByExpert({ step, choices, order, tiles, experts, adapter }),
    ...expertsGateUp({ ...grouped, x, stack: gateUp, y: hidden, activation }),
    ...expertsDown({ ...grouped, x: hidden, stack: down, y: out }),
    expertSum({ step, choices, x: out, y, ...residual }),
  );
  for (const temporary of [hidden, order, tiles, out]) workspace.give(temporary);
}
