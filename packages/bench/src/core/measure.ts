import type { Gpu, Model, Usage } from "@alambic/engine";
import { CheckError } from "./reason.js";
import { type Summary, summarise } from "./statistics.js";
import { contextOf, promptOf, type Workload } from "./workload.js";

export interface MeasureOptions {
  readonly repetitions: number;
  readonly signal?: AbortSignal | undefined;
  /** Called before each run; run 0 is the warm-up. Return false to be content with the runs so far, at least two. */
  readonly onRun?: (run: number) => boolean;
}

export interface Measurement {
  readonly tokensPerSecond: Summary;
  /** Host time for each token, encoding and submitting. */
  readonly cpuMicroseconds: number;
}

/**
 * Times a workload: once to warm up, then `repetitions` times, each in a session of its own. The greedy ids of each run
 * must be those of the first.
 *
 * @throws {@link CheckError} when they are not, or when a cache held what it must not.
 */
export async function measure(
  gpu: Gpu,
  model: Model,
  workload: Workload,
  { repetitions, signal, onRun = () => true }: MeasureOptions,
): Promise<Measurement> {
  const rates: number[] = [];
  let [hostMs, dispatches] = [0, 0];
  onRun(0);
  const first = await timedRun(gpu, model, workload, signal);
  for (let run = 1; run <= repetitions; run++) {
    const goOn = onRun(run);
    if (!goOn && run > 2) break;
    const { ids, rate, host } = await timedRun(gpu, model, workload, signal);
    const differs = ids.findIndex((id, index) => id !== first.ids[index]);
    if (differs >= 0) {
      const [expected, found] = [first.ids[differs]!, ids[differs]!];
      throw new CheckError({ code: "runs", run, place: differs, expected, found });
    }
    rates.push(rate);
    hostMs += host.hostMs;
    dispatches += host.dispatches;
  }
  const { kind, tokens, depth } = workload;
  const { prefill, decode } = model.planCosts({ prompt: kind === "pp" ? tokens : 1, position: depth });
  const perToken = kind === "pp" ? prefill.dispatches / tokens : decode.dispatches;
  return { tokensPerSecond: summarise(rates), cpuMicroseconds: (1000 * hostMs * perToken) / dispatches };
}

interface Run {
  readonly ids: readonly number[];
  readonly rate: number;
  readonly host: { readonly hostMs: number; readonly dispatches: number };
}

async function timedRun(gpu: Gpu, model: Model, workload: Workload, signal: AbortSignal | undefined): Promise<Run> {
  const { kind, tokens, depth } = workload;
  const prompt = promptOf(workload, model.info.vocabulary);
  const session = model.session();
  try {
    // One token of another beginning makes buffers, plans and pipelines ready; or the context that a prompt is to follow.
    const held = kind === "pp" ? depth : 0;
    const before = held > 0 ? prompt.slice(0, held) : [prompt[0] === 0 ? 1 : 0];
    const room = contextOf(workload) - before.length;
    for await (const _ of session.generate(before, { maxTokens: room, ignoreEos: true, ...(signal && { signal }) }))
      break;
    signal?.throwIfAborted();

    const { hostMs, dispatches } = gpu.executor.counts;
    const asked = kind === "pp" ? 1 : tokens + 1; // the first written token belongs to its prompt
    const { ids, usage, timing } = await session
      .generate(prompt, { maxTokens: asked, ignoreEos: true, ...(signal && { signal }) })
      .result();
    signal?.throwIfAborted();
    gpu.assertHealthy();
    checkUsage(usage, held, asked);
    const host = {
      hostMs: gpu.executor.counts.hostMs - hostMs,
      dispatches: gpu.executor.counts.dispatches - dispatches,
    };
    return { ids, rate: kind === "pp" ? timing.prefillTokensPerSecond : timing.decodeTokensPerSecond, host };
  } finally {
    session.dispose();
  }
}

function checkUsage({ cachedTokens, completionTokens }: Usage, held: number, asked: number): void {
  if (cachedTokens !== held) throw new CheckError({ code: "cached", expected: held, found: cachedTokens });
  if (completionTokens !== asked) throw new CheckError({ code: "count", expected: asked, found: completionTokens });
}
