import type { Gpu, Inspection, Model } from "@alambic/engine";
import { measureRoofline, type Roofline } from "@alambic/kernels";
import type { Candidate } from "./candidate.js";
import { FIRST_GUESS, leastSeconds, runSeconds, type Slowness } from "./estimate.js";
import { measure } from "./measure.js";
import { bitsPerByte, klToTeacher, QUALITY_TEXT } from "./quality.js";
import { CheckError, type Reason, reasonOf } from "./reason.js";
import {
  type BenchReport,
  type BenchRow,
  type BenchSettings,
  FORMAT,
  type LoadRow,
  type QualityRow,
  type RejectedRow,
  type SkippedRow,
} from "./report.js";
import { contextOf, nameOf, type Workload } from "./workload.js";

export interface BenchProgress {
  readonly phase: "roofline" | "load" | "check" | "warm-up" | "run" | "quality";
  readonly model?: string;
  readonly test?: string;
  /** From 1, of so many repetitions. */
  readonly run?: number;
  readonly of?: number;
  /** Of the budget, 0 to 1. */
  readonly spent: number;
}

export interface RunOptions {
  readonly settings: BenchSettings;
  /** Where this runs: `Node 20.19.0, linux x64`. */
  readonly runtime: string;
  /** Stops at the next token; what was measured until then is kept, the rest is listed as skipped. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BenchProgress) => void;
  /** Hears the report so far after the roofline and after each row: a plot can grow with it. */
  readonly onReport?: (soFar: BenchReport) => void;
}

/**
 * Measures candidates one after the other, as far as the time budget goes; quality after the last checkpoint. Nothing else should run on the device
 * meanwhile. A model that cannot be loaded or answers wrongly is listed with the reason, and the others are measured.
 *
 * @throws `ProbeError` when the adapter's roofline cannot be measured: then no speed would mean anything.
 */
export async function runBench(gpu: Gpu, candidates: readonly Candidate[], options: RunOptions): Promise<BenchReport> {
  const date = new Date().toISOString();
  const start = performance.now();
  options.onProgress?.({ phase: "roofline", spent: 0 });
  const bench = new Bench(gpu, await measureRoofline(gpu), options, start);
  const report = (): BenchReport => ({
    format: FORMAT,
    date,
    runtime: options.runtime,
    adapter: gpu.adapter,
    settings: options.settings,
    ...bench.results(),
    seconds: (performance.now() - start) / 1000,
  });
  if (options.onReport) bench.onResult = () => options.onReport?.(report());
  bench.onResult();
  const real = candidates.filter(({ kind }) => kind === "checkpoint");
  for (const candidate of candidates) {
    await bench.measure(candidate);
    if (options.settings.quality && candidate === real.at(-1)) await bench.judge(real);
  }
  if (!options.signal?.aborted) {
    // Machines that do other things, and those that grow warm, are not the same all the time: the better of both counts.
    options.onProgress?.({ phase: "roofline", spent: 1 });
    bench.roofline = betterOf(bench.roofline, await measureRoofline(gpu));
  }
  return report();
}

function betterOf(one: Roofline, other: Roofline): Roofline {
  return {
    ...one,
    readGBs: Math.max(one.readGBs, other.readGBs),
    gflops: Math.max(one.gflops, other.gflops),
    dispatchMicroseconds: Math.min(one.dispatchMicroseconds, other.dispatchMicroseconds),
  };
}

class Bench {
  readonly #gpu: Gpu;
  roofline: Roofline;
  readonly #options: RunOptions;
  readonly #start: number;
  #slowness: Slowness;
  readonly #rows: Omit<BenchRow, "share">[] = [];
  readonly #quality: QualityRow[] = [];
  readonly #loads: LoadRow[] = [];
  readonly #rejected: RejectedRow[] = [];
  readonly #skipped: SkippedRow[] = [];
  /** Called whenever there is another row. */
  onResult = () => {};

  constructor(gpu: Gpu, roofline: Roofline, options: RunOptions, start: number) {
    this.#gpu = gpu;
    this.roofline = roofline;
    this.#options = options;
    this.#start = start;
    this.#slowness = FIRST_GUESS[gpu.adapter.kind];
  }

  /** What there is by now. */
  results(): Pick<BenchReport, "roofline" | "rows" | "quality" | "loads" | "rejected" | "skipped"> {
    return {
      roofline: this.roofline,
      rows: this.#rows.map((row) => ({ ...row, share: shareOf(row, this.roofline) })),
      quality: [...this.#quality],
      loads: [...this.#loads],
      rejected: [...this.#rejected],
      skipped: [...this.#skipped],
    };
  }

  /** Seconds of the budget that are left. */
  get #left(): number {
    return this.#options.settings.budgetSeconds - (performance.now() - this.#start) / 1000;
  }

  async measure(candidate: Candidate): Promise<void> {
    const { workloads, mostBytes = Number.POSITIVE_INFINITY } = this.#options.settings;
    let inspection: Inspection;
    try {
      inspection = await candidate.inspect();
    } catch (error) {
      this.#reject(candidate, "all", error);
      return;
    }
    const bytes = inspection.bytes[candidate.quantize];
    let model: Model | undefined;
    try {
      for (const workload of workloads) {
        const estimate = this.#estimate(candidate, inspection, workload) + (model ? 0 : this.#slowness.startSeconds);
        const reason =
          beyond("memory", bytes, mostBytes) ??
          beyond("context", contextOf(workload), inspection.context) ??
          this.#outOfTime(estimate);
        if (reason) {
          this.#skip(candidate, workload, reason, estimate);
          continue;
        }
        if (!model) {
          const began = performance.now();
          model = await this.#load(candidate, inspection);
          this.#slowness = { ...this.#slowness, startSeconds: (performance.now() - began) / 1000 };
        }
        await this.#row(candidate, model, inspection, workload);
      }
    } catch (error) {
      if (this.#options.signal?.aborted) {
        const done = new Set(this.#rows.filter((row) => row.model === candidate.name).map(nameOf));
        for (const workload of workloads.filter((each) => !done.has(nameOf(each)))) {
          this.#skip(candidate, workload, { code: "stopped" }, this.#estimate(candidate, inspection, workload));
        }
      } else this.#reject(candidate, "all", error);
    } finally {
      model?.dispose();
    }
  }

  #estimate({ quantize }: Candidate, inspection: Inspection, workload: Workload): number {
    const runs = this.#options.settings.repetitions + 1;
    return runs * runSeconds(inspection, quantize, workload, this.roofline, this.#slowness);
  }

  #outOfTime(estimate: number): Reason | undefined {
    if (this.#options.signal?.aborted) return { code: "stopped" };
    return estimate > this.#left ? { code: "budget" } : undefined;
  }

  /** Loads, and holds the answer to a known prompt against the reference. */
  async #load(candidate: Candidate, { context }: Inspection): Promise<Model> {
    const { settings, signal } = this.#options;
    this.#progress("load", candidate);
    const longest = Math.max(...settings.workloads.map(contextOf), 2);
    const model = await candidate.load({
      gpu: this.#gpu,
      contextLength: Math.min(context, Math.max(longest, 256)),
      ...formOf(settings),
      ...(signal && { signal }),
    });
    this.#loads.push({ model: candidate.name, ...model.report });
    const { reference } = candidate;
    if (!reference) return model;
    try {
      this.#progress("check", candidate);
      const { prompt, ids: expected } = reference;
      const asked = { maxTokens: expected.length, ignoreEos: true, ...(signal && { signal }) };
      const { ids } = await model.generate(prompt, asked).result();
      signal?.throwIfAborted();
      if (String(ids) !== String(expected)) {
        throw new CheckError({ code: "reference", expected, found: ids });
      }
      return model;
    } catch (error) {
      model.dispose();
      throw error;
    }
  }

  async #row(candidate: Candidate, model: Model, inspection: Inspection, workload: Workload): Promise<void> {
    const { settings, signal } = this.#options;
    const test = nameOf(workload);
    try {
      const { tokensPerSecond, cpuMicroseconds } = await measure(this.#gpu, model, workload, {
        repetitions: settings.repetitions,
        signal,
        onRun: (run) => {
          if (run === 0) this.#progress("warm-up", candidate, { test });
          else this.#progress("run", candidate, { test, run, of: settings.repetitions });
          return this.#left > 0;
        },
      });
      const cost = costOfToken(model, workload);
      const { total, active } = model.info.parameters;
      this.#rows.push({
        ...workload,
        model: candidate.name,
        synthetic: candidate.kind === "synthetic",
        parameters: total,
        ...(active < total && { activeParameters: active }),
        weightBytes: model.info.gpuBytes,
        tokensPerSecond,
        shareOf: workload.kind === "tg" ? "read" : "fma",
        ...cost,
        cpuMicroseconds,
        check: candidate.reference ? "runs and reference" : "runs",
      });
      this.onResult();
      const least = leastSeconds(inspection, candidate.quantize, workload, this.roofline);
      const seconds = workload.tokens / tokensPerSecond.mean;
      this.#slowness = { ...this.#slowness, [workload.kind]: seconds / least };
    } catch (error) {
      if (signal?.aborted) throw error;
      this.#reject(candidate, test, error);
    }
  }

  /** Bits per byte of each checkpoint, and its distance from the largest of them that speaks the same tokens. */
  async judge(candidates: readonly Candidate[]): Promise<void> {
    const inspected: { candidate: Candidate; inspection: Inspection }[] = [];
    for (const candidate of candidates) {
      if (this.#rejected.some(({ model, test }) => model === candidate.name && test === "all")) continue;
      inspected.push({ candidate, inspection: await candidate.inspect() });
    }
    inspected.sort((a, b) => b.inspection.parameters.total - a.inspection.parameters.total);
    const teachers = new Map<number, { readonly name: string; readonly model: Model }>(); // by size of vocabulary
    try {
      for (const { candidate, inspection } of inspected) {
        const teacher = teachers.get(inspection.vocabulary);
        const text: Workload = { kind: "pp", tokens: QUALITY_TEXT.length / 4, depth: 0 };
        const once = runSeconds(inspection, candidate.quantize, text, this.roofline, this.#slowness);
        const estimate = this.#slowness.startSeconds + (teacher ? 3 : 1) * once;
        const reason = this.#outOfTime(estimate);
        if (reason) {
          this.#skipped.push({ model: candidate.name, test: "quality", reason, estimateSeconds: estimate });
          continue;
        }
        const model = await this.#judgeOne(candidate, teacher);
        if (model && !teacher) teachers.set(inspection.vocabulary, { name: candidate.name, model });
        else model?.dispose();
      }
    } finally {
      for (const { model } of teachers.values()) model.dispose();
    }
  }

  async #judgeOne(candidate: Candidate, teacher?: { name: string; model: Model }): Promise<Model | undefined> {
    const { signal } = this.#options;
    let model: Model | undefined;
    try {
      this.#progress("quality", candidate);
      model = await candidate.load({
        gpu: this.#gpu,
        contextLength: 512,
        ...formOf(this.#options.settings),
        ...(signal && { signal }),
      });
      if (!model.info.text) return model;
      const { ids, ...likelihood } = await bitsPerByte(model, QUALITY_TEXT, signal);
      const kl = teacher && { teacher: teacher.name, klToTeacher: await klToTeacher(teacher.model, model, ids) };
      const parameters = model.info.parameters.total;
      this.#quality.push({ model: candidate.name, parameters, ...likelihood, ...kl });
      this.onResult();
      return model;
    } catch (error) {
      model?.dispose();
      this.#reject(candidate, "quality", error);
      return undefined;
    }
  }

  #reject({ name }: Candidate, test: string, error: unknown): void {
    this.#rejected.push({ model: name, test, reason: reasonOf(error) });
  }

  #skip({ name }: Candidate, workload: Workload, reason: Reason, estimateSeconds: number): void {
    this.#skipped.push({ model: name, test: nameOf(workload), reason, estimateSeconds });
  }

  #progress(phase: BenchProgress["phase"], { name }: Candidate, more: Partial<BenchProgress> = {}): void {
    const { settings, onProgress } = this.#options;
    const spent = Math.min(1, 1 - this.#left / settings.budgetSeconds);
    onProgress?.({ phase, model: name, ...more, spent });
  }
}

function beyond(code: "memory" | "context", needs: number, most: number): Reason | undefined {
  return needs > most ? { code, needs, most } : undefined;
}

/** What is loaded otherwise than by default. */
function formOf({ precision, kv }: BenchSettings): Pick<BenchSettings, "precision" | "kv"> {
  return { ...(precision && { precision }), ...(kv && { kv }) };
}

function shareOf({ shareOf: of, bytes, flops, tokensPerSecond }: Omit<BenchRow, "share">, roofline: Roofline): number {
  return ((of === "read" ? bytes / roofline.readGBs : flops / roofline.gflops) * tokensPerSecond.mean) / 1e9;
}

/** One token of a workload, at the middle of its run. */
function costOfToken(model: Model, { kind, tokens, depth }: Workload) {
  const { prefill, decode } = model.planCosts({
    prompt: kind === "pp" ? tokens : 1,
    cached: depth,
    position: depth + Math.floor(tokens / 2),
  });
  if (kind === "tg") return decode;
  return { dispatches: prefill.dispatches / tokens, bytes: prefill.bytes / tokens, flops: prefill.flops / tokens };
}
