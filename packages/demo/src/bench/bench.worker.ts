import { type Candidate, checkpoint, REFERENCES, runBench, SYNTHETIC_SHAPES, synthetic } from "@alambic/bench";
import { openGpu } from "@alambic/engine";
import type { BenchModel, FromBench, ToBench } from "./messages.js";

const stop = new AbortController();

addEventListener("message", ({ data }: MessageEvent<ToBench>) => {
  if (data.type === "stop") stop.abort();
  else void run(data);
});

/** The bench on a device of its own, in a thread of its own: the page goes on while it measures. */
async function run({ models, settings, runtime }: ToBench & { type: "run" }): Promise<void> {
  try {
    const gpu = await openGpu({ powerPreference: "high-performance" });
    try {
      await runBench(gpu, models.map(candidateOf), {
        settings,
        runtime,
        signal: stop.signal,
        onProgress: (progress) => tell({ type: "progress", progress }),
        onReport: (report) => tell({ type: "report", report }),
      }).then((report) => tell({ type: "report", report }));
    } finally {
      gpu.dispose();
    }
    tell({ type: "done" });
  } catch (error) {
    tell({ type: "failed", message: error instanceof Error ? error.message : String(error) });
  }
}

function candidateOf({ name, address }: BenchModel): Candidate {
  const reference = REFERENCES[name];
  if (address !== undefined) return checkpoint(name, address, { ...(reference && { reference }) });
  const shape = SYNTHETIC_SHAPES.find((each) => each.name === name);
  if (!shape) throw new Error(`${name} is no model of the ladder.`);
  return synthetic(shape.name, shape.config);
}

function tell(message: FromBench): void {
  postMessage(message);
}
