import {
  type AdapterReport,
  type Choices,
  fingerprintOf,
  type Gpu,
  type HotOp,
  normOf,
  numbersRead,
  PLAIN,
  problemKey,
  trialOf,
  tune,
} from "@alambic/kernels";
import { type AheadModel, planAhead } from "./compile-ahead.js";
import { type Layouts, layoutsOf } from "./layouts.js";
import type { TunedLayouts, TuneModelOptions } from "./tune-model.js";
import type { TuningOutcome } from "./tuning.js";
import { defaultTuningCache } from "./tuning-cache.js";

const BUDGET_MS = { cached: 2_000, full: 10_000 };

/** What is known of this device from earlier searches, and for the rest a search within the budget. */
export async function searchLayouts(
  gpu: Gpu,
  model: AheadModel,
  mode: keyof typeof BUDGET_MS,
  options: TuneModelOptions,
): Promise<TunedLayouts> {
  const { adapter } = gpu;
  const { precision } = options;
  const first = await search(gpu, model, layoutsOf(adapter, { precision }), mode, options);
  if (!first.refused) {
    return { layouts: layoutsOf(adapter, { precision, choices: first.outcome.variants }), outcome: first.outcome };
  }
  // No kernel that norms its own input is right here: the norms become dispatches, and other kernels are looked for.
  const apart = { precision, normsInputs: false };
  const second = await search(gpu, model, layoutsOf(adapter, apart), mode, options);
  const outcome = {
    ...second.outcome,
    dropped: [...first.outcome.dropped, ...second.outcome.dropped],
    tuningMs: first.outcome.tuningMs + second.outcome.tuningMs,
  };
  return { layouts: layoutsOf(adapter, { ...apart, choices: second.outcome.variants }), outcome };
}

async function search(
  gpu: Gpu,
  model: AheadModel,
  layouts: Layouts,
  mode: keyof typeof BUDGET_MS,
  { cache = defaultTuningCache(), signal, onProgress }: TuneModelOptions,
): Promise<{ readonly outcome: TuningOutcome; readonly refused: boolean }> {
  const anew = mode === "full";
  const problems = await problemsOf(gpu, model, layouts);
  const adapter = adapterKey(gpu.adapter);
  const known = await cache.get(adapter);
  const trials = problems.map((problem) => {
    const trial = trialOf(problem, gpu.adapter.kind);
    // A kernel that has changed since is another problem.
    return { problem, trial, cacheKey: `${trial.key} ${fingerprintOf(trial)}` };
  });
  const unknown = trials.filter(({ cacheKey }) => anew || known[cacheKey] === undefined);
  const found =
    unknown.length > 0
      ? await tune(
          gpu,
          unknown.map(({ trial }) => trial),
          { budgetMs: BUDGET_MS[mode], signal, onProgress },
        )
      : { choices: {} as Choices, dropped: [], untried: [], ms: 0 };
  const variants: Record<string, string> = {};
  const remembered: Record<string, string> = { ...known };
  for (const { trial, cacheKey } of trials) {
    const variant = found.choices[trial.key] ?? (anew ? undefined : known[cacheKey]);
    if (variant === undefined) continue;
    variants[trial.key] = variant;
    remembered[cacheKey] = variant;
  }
  if (unknown.length > 0) await cache.set(adapter, remembered);
  const refused = problems.some((problem) => normOf(problem) && variants[problemKey(problem)] === PLAIN);
  return { outcome: { variants, dropped: found.dropped, untried: found.untried, tuningMs: found.ms }, refused };
}

/** The hot ops of a model's plans, each once, those that take the most of a token first and prefill after them. */
async function problemsOf(gpu: Gpu, model: AheadModel, layouts: Layouts): Promise<HotOp[]> {
  const found = new Map<string, { readonly problem: HotOp; uses: number }>();
  const variantOf = (problem: HotOp) => {
    const key = problemKey(problem);
    const known = found.get(key);
    if (known) known.uses++;
    else found.set(key, { problem, uses: 1 });
    return layouts.variantOf(problem);
  };
  await planAhead(gpu, model, { ...layouts, variantOf });
  const weight = ({ problem, uses }: { problem: HotOp; uses: number }) => uses * numbersRead(problem);
  const late = ({ problem }: { problem: HotOp }) => (/^(matmul|attentionPrefill)$/.test(problem.op) ? 1 : 0);
  return [...found.values()]
    .toSorted((a, b) => late(a) - late(b) || weight(b) - weight(a))
    .map(({ problem }) => problem);
}

/** A choice holds for one adapter under one driver, which its description names. */
function adapterKey({ name, vendor, architecture, description }: AdapterReport): string {
  return [name, vendor, architecture, description].join(" | ");
}
