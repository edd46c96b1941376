import type { Dispatch } from "@alambic/kernels";
import type { PlanCost, PlanCosts, PlanCostsOptions } from "../api/types.js";
import { placeCache } from "./kv-cache.js";
import type { LoadedModel } from "./loaded-model.js";
import { CHUNK, type PassPlan, placeStream, planPass } from "./pass-plan.js";
import { Workspace } from "./workspace.js";

/**
 * What a model's plans cost at least, added up from their dispatches. The plans are made for it anew, each for a cache
 * that is exactly full: an attention dispatch states the cost of the whole cache. No activation is allocated.
 */
export function planCosts(model: LoadedModel, { prompt, cached = 0, position }: PlanCostsOptions): PlanCosts {
  const chunks: PlanCost[] = [];
  for (let first = 0; first < prompt; first += CHUNK) {
    const rows = Math.min(CHUNK, prompt - first);
    const { body, end } = planOf(model, rows, cached + first + rows);
    chunks.push(costOf(first + rows < prompt ? body : [...body, ...end]));
  }
  const { body, end } = planOf(model, 1, position + 1);
  return { prefill: total(chunks), decode: costOf([...body, ...end]) };
}

function planOf(model: LoadedModel, rows: number, capacity: number): PassPlan {
  const cache = placeCache(model.cacheShape, capacity);
  const tensors = placeStream(rows, model.contextLength);
  const workspace = new Workspace({ allocate() {}, dispose() {} });
  return planPass({ ...model.lowering(model.adapters.current), workspace }, cache, tensors, rows);
}

function costOf(dispatches: readonly Dispatch[]): PlanCost {
  return total(dispatches.map(({ cost }) => ({ dispatches: 1, ...cost })));
}

function total(costs: readonly PlanCost[]): PlanCost {
  const sum = (pick: (cost: PlanCost) => number) => costs.reduce((all, cost) => all + pick(cost), 0);
  return { dispatches: sum((c) => c.dispatches), bytes: sum((c) => c.bytes), flops: sum((c) => c.flops) };
}
