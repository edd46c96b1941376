import type { BenchReport } from "../report.js";
import { reasonText } from "./reasons.js";

/** What no table may stand without: the adapter, what it can do, and when and where it was measured. */
export function headline({ adapter, roofline, runtime, date, settings }: BenchReport): string[] {
  const software = adapter.kind === "software" ? "SOFTWARE ADAPTER, no GPU: " : "";
  const driver = [adapter.vendor, adapter.architecture, adapter.description].filter(Boolean).join(", ");
  const clock = roofline.clock === "timestamps" ? "the GPU's own timestamps" : "wall clock";
  return [
    `${software}${adapter.name}${driver ? ` (${driver})` : ""}`,
    `reads ${figure(roofline.readGBs)} GB/s, ${figure(roofline.gflops)} GFLOP/s in f32, ${figure(roofline.dispatchMicroseconds)} µs a dispatch; measured by ${clock} in this run, before and after`,
    `${runtime}, ${date.slice(0, 16).replace("T", " ")} UTC, mean ± sample standard deviation of up to ${settings.repetitions} runs after a warm-up${formText(settings)}`,
  ];
}

function formText({ precision, kv }: BenchReport["settings"]): string {
  return [precision && `precision ${precision}`, kv && `keys and values in ${kv}`]
    .filter(Boolean)
    .map((text) => `, ${text}`)
    .join("");
}

/** What is missing from the table, and why. */
export function omissions({ rejected, skipped, loads = [] }: BenchReport): string[] {
  return [
    ...rejected.map(({ model, test, reason }) => `failed: ${model}, ${test}: ${reasonText(reason)}`),
    ...skipped.map(
      ({ model, test, reason, estimateSeconds }) =>
        `skipped: ${model}, ${test}: ${reasonText(reason)} (about ${seconds(estimateSeconds)})`,
    ),
    ...loads.flatMap(({ model, dropped }) =>
      dropped.map(({ problem, variant, reason }) => `kernel left out: ${model}, ${variant} for ${problem}: ${reason}`),
    ),
  ];
}

export function seconds(value: number): string {
  if (value < 90) return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} s`;
  return value < 5400 ? `${(value / 60).toFixed(0)} min` : `${(value / 3600).toFixed(1)} h`;
}

function figure(value: number): string {
  return String(value >= 1000 ? Math.round(value) : Number(value.toPrecision(3)));
}
