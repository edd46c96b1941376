import type { BenchProgress, BenchReport, BenchSettings } from "@alambic/bench";
import type { BenchModel, FromBench, ToBench } from "./messages.js";

export interface BenchListener {
  readonly onProgress: (progress: BenchProgress) => void;
  /** The report as it grows. */
  readonly onReport: (report: BenchReport) => void;
}

export interface BenchRun {
  /** Ends the run at the next token; what was measured is kept. */
  stop(): void;
  /** Resolves at the end of the run, stopped or not; rejects when it broke off. */
  readonly ended: Promise<void>;
}

/** Starts the bench in a worker, which ends with the run. */
export function startBench(
  models: readonly BenchModel[],
  settings: BenchSettings,
  { onProgress, onReport }: BenchListener,
): BenchRun {
  const worker = new Worker(new URL("./bench.worker.ts", import.meta.url), { type: "module", name: "alambic-bench" });
  const send = (message: ToBench) => worker.postMessage(message);
  const ended = new Promise<void>((resolve, reject) => {
    worker.addEventListener("error", ({ message }) => reject(new Error(message || "The bench's worker broke down.")));
    worker.addEventListener("message", ({ data }: MessageEvent<FromBench>) => {
      if (data.type === "progress") onProgress(data.progress);
      else if (data.type === "report") onReport(data.report);
      else if (data.type === "done") resolve();
      else reject(new Error(data.message));
    });
  }).finally(() => worker.terminate());
  send({ type: "run", models, settings, runtime: browserName(navigator) });
  return { stop: () => send({ type: "stop" }), ended };
}

interface Brands {
  readonly userAgentData?: {
    readonly brands: readonly { readonly brand: string; readonly version: string }[];
    readonly platform: string;
  };
}

/** `Chromium 143, Linux`; where the browser does not say it in parts, all that it says. */
export function browserName({ userAgent, userAgentData }: Pick<Navigator, "userAgent"> & Brands): string {
  // One of the brands is a made-up one, and Chromium is among those of every browser built on it.
  const named = userAgentData?.brands.filter(({ brand }) => !/not.*brand/i.test(brand)) ?? [];
  const own = named.find(({ brand }) => brand !== "Chromium") ?? named[0];
  return own ? `${own.brand} ${own.version}, ${userAgentData!.platform}` : userAgent;
}
