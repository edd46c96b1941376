import type { BenchRow } from "../report.js";
import { nameOf } from "../workload.js";

/** A column of the tables that people read. */
export interface Column<Row> {
  readonly title: string;
  readonly align: "left" | "right";
  readonly text: (row: Row) => string;
}

export const COLUMNS: readonly Column<BenchRow>[] = [
  { title: "model", align: "left", text: ({ model, synthetic }) => (synthetic ? `${model} (random weights)` : model) },
  { title: "parameters", align: "right", text: ({ parameters }) => millions(parameters) },
  { title: "weights", align: "right", text: ({ weightBytes }) => `${(weightBytes / 2 ** 20).toFixed(1)} MiB` },
  { title: "test", align: "left", text: nameOf },
  { title: "tokens/s", align: "right", text: ({ tokensPerSecond }) => rate(tokensPerSecond) },
  {
    title: "of roofline",
    align: "right",
    text: ({ share, shareOf }) => `${percent(share)} of ${shareOf === "read" ? "reads" : "FMA"}`,
  },
  { title: "dispatches/token", align: "right", text: ({ dispatches }) => short(dispatches) },
  { title: "MB/token", align: "right", text: ({ bytes }) => short(bytes / 1e6) },
  { title: "CPU µs/token", align: "right", text: ({ cpuMicroseconds }) => short(cpuMicroseconds) },
];

/** `134.5 M`, `1.24 B` */
export function millions(parameters: number): string {
  return parameters >= 1e9 ? `${(parameters / 1e9).toFixed(2)} B` : `${(parameters / 1e6).toFixed(1)} M`;
}

export function rate({ mean, deviation }: BenchRow["tokensPerSecond"]): string {
  const digits = mean < 10 ? 2 : 1;
  return `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`;
}

/** Two figures of small shares, whole percents above. */
function percent(share: number): string {
  return `${share < 0.1 ? Number((100 * share).toPrecision(2)) : Math.round(100 * share)} %`;
}

function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
