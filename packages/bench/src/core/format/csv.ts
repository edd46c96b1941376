import type { BenchReport, BenchRow } from "../report.js";
import { nameOf } from "../workload.js";

type Cell = string | number | boolean;

const COLUMNS: readonly (readonly [name: string, value: (row: BenchRow, report: BenchReport) => Cell])[] = [
  ["date", (_, { date }) => date],
  ["runtime", (_, { runtime }) => runtime],
  ["adapter", (_, { adapter }) => adapter.name],
  ["adapter_kind", (_, { adapter }) => adapter.kind],
  ["adapter_vendor", (_, { adapter }) => adapter.vendor],
  ["adapter_architecture", (_, { adapter }) => adapter.architecture],
  ["driver", (_, { adapter }) => adapter.description],
  ["features", (_, { adapter }) => adapter.features.join(" ")],
  [
    "limits",
    (_, { adapter }) =>
      Object.entries(adapter.limits)
        .map((limit) => limit.join("="))
        .join(" "),
  ],
  ["read_gb_s", (_, { roofline }) => roofline.readGBs],
  ["gflops", (_, { roofline }) => roofline.gflops],
  ["dispatch_us", (_, { roofline }) => roofline.dispatchMicroseconds],
  ["model", ({ model }) => model],
  ["synthetic", ({ synthetic }) => synthetic],
  ["parameters", ({ parameters }) => parameters],
  ["weight_bytes", ({ weightBytes }) => weightBytes],
  ["test", nameOf],
  ["kind", ({ kind }) => kind],
  ["tokens", ({ tokens }) => tokens],
  ["depth", ({ depth }) => depth],
  ["runs", ({ tokensPerSecond }) => tokensPerSecond.samples.length],
  ["tokens_per_s_mean", ({ tokensPerSecond }) => tokensPerSecond.mean],
  ["tokens_per_s_deviation", ({ tokensPerSecond }) => tokensPerSecond.deviation],
  ["share", ({ share }) => share],
  ["share_of", ({ shareOf }) => shareOf],
  ["dispatches_per_token", ({ dispatches }) => dispatches],
  ["bytes_per_token", ({ bytes }) => bytes],
  ["flops_per_token", ({ flops }) => flops],
  ["cpu_us_per_token", ({ cpuMicroseconds }) => cpuMicroseconds],
  ["check", ({ check }) => check],
];

/** One line a row, RFC 4180; each line says which adapter it is of. */
export function toCsv(report: BenchReport): string {
  const lines = [
    COLUMNS.map(([name]) => name),
    ...report.rows.map((row) => COLUMNS.map(([, value]) => value(row, report))),
  ];
  return lines.map((cells) => `${cells.map(quoted).join(",")}\r\n`).join("");
}

function quoted(cell: Cell): string {
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
