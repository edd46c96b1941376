import { openGpu } from "@alambic/engine";
import type { Reference } from "../../core/candidate.js";
import { checkpoint } from "../../core/ladder.js";
import type { BenchReport, BenchSettings } from "../../core/report.js";
import { runBench } from "../../core/run.js";

export interface OurRequest {
  readonly model: string;
  readonly reference: Reference;
  readonly settings: BenchSettings;
  readonly runtime: string;
}

/** The bench on this page: the same core that Node runs. */
export default async function run({ model, reference, settings, runtime }: OurRequest): Promise<BenchReport> {
  const gpu = await openGpu({ powerPreference: "high-performance" });
  try {
    const candidate = checkpoint(model, new URL("/model/", document.baseURI), { reference });
    return await runBench(gpu, [candidate], { settings, runtime });
  } finally {
    gpu.dispose();
  }
}
