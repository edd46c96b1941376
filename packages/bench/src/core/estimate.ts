import type { Inspection, Quantize } from "@alambic/engine";
import type { Roofline } from "@alambic/kernels";
import type { Workload } from "./workload.js";

/** How many times longer than the roofline allows things take here, and what each new model costs before its first run. */
export interface Slowness {
  readonly pp: number;
  readonly tg: number;
  readonly startSeconds: number;
}

/** Before anything was measured. Software adapters are far from their roofline, and slow to compile. */
export const FIRST_GUESS: Readonly<Record<"gpu" | "software", Slowness>> = {
  gpu: { pp: 4, tg: 3, startSeconds: 3 },
  software: { pp: 6, tg: 8, startSeconds: 15 },
};

/** Tokens of a prompt that the engine takes at once. */
const CHUNK = 128;
/** Roughly: a prompt takes a few more than a token. */
const DISPATCHES_A_LAYER = 8;

/** Seconds that no plan on this adapter could beat, from a model's headers: each weight and each cached number read once. */
export function leastSeconds(
  { parameters, bytes, kvBytesPer1k, layers }: Inspection,
  quantize: Quantize,
  { kind, tokens, depth }: Workload,
  roofline: Roofline,
): number {
  const passes = kind === "tg" ? tokens : Math.ceil(tokens / CHUNK);
  const context = depth + tokens / 2;
  // A token reads its own experts, a chunk nearly all of them.
  const read = bytes[quantize] * (kind === "tg" ? parameters.active / parameters.total : 1);
  const moved = passes * (read + (context * kvBytesPer1k.f32) / 1024);
  // The embedding is a gather, except where it is also the head: counting it always errs on the safe side.
  const flops = tokens * 2 * parameters.active;
  const dispatches = passes * (DISPATCHES_A_LAYER * layers + 4);
  return (
    moved / (1e9 * roofline.readGBs) +
    flops / (1e9 * roofline.gflops) +
    (dispatches * roofline.dispatchMicroseconds) / 1e6
  );
}

/** Seconds for one run of a workload here, its untimed beginning included. */
export function runSeconds(
  inspection: Inspection,
  quantize: Quantize,
  workload: Workload,
  roofline: Roofline,
  slowness: Slowness,
): number {
  const least = (part: Workload) => slowness[part.kind] * leastSeconds(inspection, quantize, part, roofline);
  const beginning: Workload =
    workload.depth > 0 ? { kind: "pp", tokens: workload.depth, depth: 0 } : { kind: "tg", tokens: 1, depth: 0 };
  return least(beginning) + least(workload);
}
