import type { Gpu } from "../gpu/device.js";
import { PassTimer } from "../gpu/timing.js";
import type { Choices } from "./hot-op.js";
import type { Candidate, Trial } from "./trial.js";
import { TrialRun } from "./trial-run.js";

export interface TuneOptions {
  /** Milliseconds in all, 2,000 unless said. What is not tried by then keeps its default. */
  readonly budgetMs?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface DroppedVariant {
  readonly problem: string;
  readonly variant: string;
  /** The compiler's or the device's message, or by how much it disagrees. */
  readonly reason: string;
}

export interface TuningReport {
  /** By problem. One that is not here keeps its default. */
  readonly choices: Choices;
  readonly dropped: readonly DroppedVariant[];
  /** Problems for which the time did not suffice, or whose plain kernel could not be run. */
  readonly untried: readonly string[];
  /** What the search took; 0 where it was spared. */
  readonly ms: number;
}

const DEFAULT_BUDGET_MS = 2000;
/** A variant must be this much quicker than the default to displace it: less is noise. */
const MARGIN = 0.97;
const ROUNDS = 3;

/**
 * Finds the quickest variant for each problem on this device, among those that agree with the plain kernel there. The
 * most costly problems should come first. Nothing else should run on the device meanwhile. Scratch memory is given back.
 *
 * @throws the signal's reason, or {@link DeviceLostError}.
 */
export async function tune(gpu: Gpu, trials: readonly Trial[], options: TuneOptions = {}): Promise<TuningReport> {
  const { budgetMs = DEFAULT_BUDGET_MS, signal, onProgress } = options;
  const started = performance.now();
  const deadline = started + budgetMs;
  const clock = new Clock(gpu);
  const choices: Record<string, string> = {};
  const dropped: DroppedVariant[] = [];
  const untried: string[] = [];
  try {
    for (const [index, trial] of trials.entries()) {
      signal?.throwIfAborted();
      onProgress?.(index, trials.length);
      const drop = (variant: string, reason: string) => dropped.push({ problem: trial.key, variant, reason });
      const choice = await chooseWithin(gpu, trial, { clock, deadline, signal, drop });
      if (choice) choices[trial.key] = choice;
      else untried.push(trial.key);
      gpu.assertHealthy();
    }
  } finally {
    clock.dispose();
  }
  onProgress?.(trials.length, trials.length);
  return { choices, dropped, untried, ms: performance.now() - started };
}

interface Search {
  readonly clock: Clock;
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
  readonly drop: (variant: string, reason: string) => void;
}

/** `undefined` when the time is up before the default has met the gate, or the trial cannot be held. */
async function chooseWithin(gpu: Gpu, trial: Trial, search: Search): Promise<string | undefined> {
  const { deadline, signal, drop } = search;
  if (performance.now() >= deadline) return undefined;
  const run = new TrialRun(gpu, trial);
  try {
    // A driver compiles several at once. Those that are not done in time are not waited for.
    const candidates = trial.candidates.map((candidate) => ({
      candidate,
      compiled: settled(Promise.all(candidate.dispatches.map(({ kernel }) => gpu.pipelines.compile(kernel)))),
    }));
    if (!(await inTime(compiledReference(gpu, trial), deadline))) return undefined;
    try {
      await run.begin();
    } catch (error) {
      // No room for the scratch tensors, or no yardstick: nothing can be checked here.
      drop(trial.reference.variant, (error as Error).message);
      return undefined;
    }
    const passed: Candidate[] = [];
    let tried = 0;
    for (const { candidate, compiled } of candidates) {
      signal?.throwIfAborted();
      if (!(await inTime(compiled, deadline))) break;
      const reason = await run.gate(candidate);
      if (reason === undefined) passed.push(candidate);
      else drop(candidate.variant, reason);
      tried++;
    }
    if (tried === 0) return undefined;
    return passed.length > 0 ? await quickest(passed, search) : trial.reference.variant;
  } finally {
    run.dispose();
  }
}

/** The quickest of those that could be timed; the first stays unless another is clearly quicker. */
async function quickest(candidates: readonly Candidate[], { clock, deadline, signal }: Search): Promise<string> {
  const [first] = candidates;
  if (candidates.length === 1) return first!.variant;
  const best = new Map<Candidate, number>();
  // Round after round rather than one after the other, since a GPU's clock drifts.
  for (let round = 0; round < ROUNDS; round++) {
    for (const candidate of candidates) {
      signal?.throwIfAborted();
      if (performance.now() >= deadline) break;
      const known = best.get(candidate);
      if (known !== undefined && known > 2 * Math.min(...best.values())) continue; // out of the race
      const milliseconds = await clock.milliseconds(candidate);
      best.set(candidate, Math.min(known ?? Number.POSITIVE_INFINITY, milliseconds));
    }
  }
  const bar = MARGIN * (best.get(first!) ?? 0);
  const [leader, time] = [...best].reduce((a, b) => (b[1] < a[1] ? b : a), [first!, Number.POSITIVE_INFINITY]);
  return time < bar ? leader.variant : first!.variant;
}

/** Time of one run, by the GPU's own timestamps where it has them. */
class Clock {
  readonly #gpu: Gpu;
  readonly #timer: PassTimer | undefined;
  readonly #repeats = new Map<Candidate, number>();

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
    this.#timer = PassTimer.open(gpu.device);
  }

  async milliseconds(candidate: Candidate): Promise<number> {
    let repeats = this.#repeats.get(candidate);
    if (!repeats) {
      await this.#time(candidate, 1); // warm
      const once = await this.#time(candidate, 1);
      repeats = Math.max(1, Math.min(1000, Math.round(TARGET_MS / once)));
      this.#repeats.set(candidate, repeats);
    }
    return (await this.#time(candidate, repeats)) / repeats;
  }

  async #time({ dispatches }: Candidate, repeats: number): Promise<number> {
    const { device, executor } = this.#gpu;
    const list = Array.from({ length: repeats }, () => dispatches).flat();
    const start = performance.now();
    const stamps = executor.run(list, [], this.#timer);
    await device.queue.onSubmittedWorkDone();
    const wall = performance.now() - start;
    const stamped = await stamps?.();
    // Some drivers' timestamps are zero or nonsense: the GPU cannot have worked for longer than we waited.
    return stamped !== undefined && stamped > 0 && stamped <= wall ? stamped : wall;
  }

  dispose(): void {
    this.#timer?.dispose();
  }
}

const TARGET_MS = 2; // long against the clock's steps and the cost of a submit

function compiledReference(gpu: Gpu, { reference }: Trial): Promise<unknown> {
  return settled(Promise.all(reference.dispatches.map(({ kernel }) => gpu.pipelines.compile(kernel))));
}

/** Resolves either way: who asks next for the pipeline is told why it failed. */
function settled(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {},
    () => {},
  );
}

/** Whether a promise resolves before the deadline. */
async function inTime(promise: Promise<unknown>, deadline: number): Promise<boolean> {
  const left = deadline - performance.now();
  if (left <= 0) return false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), left);
  });
  const outcome = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return outcome;
}
