import type { LoadReport, Timing } from "../api/types.js";

/**
 * What the time until the first token went into, loading included, and what was found out about this device on the way.
 *
 * @returns Lines for stderr.
 */
export function firstTokenNotes({ phasesMs, dropped }: LoadReport, { timeToFirstTokenMs }: Timing): string {
  const { headers, tune, weights, compile } = phasesMs;
  const whole = headers + tune + weights + compile + timeToFirstTokenMs;
  const parts = [
    `headers ${seconds(headers)}`,
    `choosing kernels ${seconds(tune)}`,
    `weights ${seconds(weights)}`,
    `compiling ${seconds(compile)}`,
    `prompt ${seconds(timeToFirstTokenMs)}`,
  ];
  const left = dropped.map(({ problem, variant, reason }) => `left out ${variant} for ${problem}: ${reason}\n`);
  return `first token after ${seconds(whole)}: ${parts.join(", ")}\n${left.join("")}`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}
