import type { BenchReport, BenchRow, PeerRow } from "../report.js";
import { nameOf } from "../workload.js";
import { OURS, timesOurs } from "./peers.js";

type Cell = string | number | boolean;

/** A column's name, its cell for a row of ours, and for one of another engine: nothing where that is not known of it. */
type Column = readonly [
  name: string,
  ours: (row: BenchRow, report: BenchReport) => Cell,
  theirs: (row: PeerRow, report: BenchReport) => Cell,
];

const NOTHING = () => "";

/** A column that says the same of both. */
function shared(name: string, value: (row: BenchRow | PeerRow, report: BenchReport) => Cell): Column {
  return [name, value, value];
}

const COLUMNS: readonly Column[] = [
  shared("date", (_, { date }) => date),
  shared("runtime", (_, { runtime }) => runtime),
  shared("adapter", (_, { adapter }) => adapter.name),
  shared("adapter_kind", (_, { adapter }) => adapter.kind),
  shared("adapter_vendor", (_, { adapter }) => adapter.vendor),
  shared("adapter_architecture", (_, { adapter }) => adapter.architecture),
  shared("driver", (_, { adapter }) => adapter.description),
  shared("features", (_, { adapter }) => adapter.features.join(" ")),
  shared("limits", (_, { adapter }) =>
    Object.entries(adapter.limits)
      .map((limit) => limit.join("="))
      .join(" "),
  ),
  shared("read_gb_s", (_, { roofline }) => roofline.readGBs),
  shared("gflops", (_, { roofline }) => roofline.gflops),
  shared("dispatch_us", (_, { roofline }) => roofline.dispatchMicroseconds),
  ["engine", () => OURS, ({ peer }) => peer],
  ["engine_version", NOTHING, ({ version }) => version],
  ["engine_in", (_, { runtime }) => runtime, ({ runtime }) => runtime],
  ["engine_runs_on", () => "WebGPU", ({ runsOn }) => runsOn],
  ["engine_settings", NOTHING, ({ settings }) => settings],
  ["ours_over_theirs", NOTHING, (row, report) => timesOurs(report, row)?.ratio ?? ""],
  ["ids_as_ours", NOTHING, ({ agreement }) => agreement.same],
  ["ids_compared", NOTHING, ({ agreement }) => agreement.of],
  shared("model", ({ model }) => model),
  ["synthetic", ({ synthetic }) => synthetic, () => false],
  shared("parameters", ({ parameters }) => parameters),
  ["active_parameters", ({ parameters, activeParameters = parameters }) => activeParameters, NOTHING],
  ["weight_bytes", ({ weightBytes }) => weightBytes, NOTHING],
  shared("test", nameOf),
  shared("kind", ({ kind }) => kind),
  shared("tokens", ({ tokens }) => tokens),
  shared("depth", ({ depth }) => depth),
  shared("runs", ({ tokensPerSecond }) => tokensPerSecond.samples.length),
  shared("tokens_per_s_mean", ({ tokensPerSecond }) => tokensPerSecond.mean),
  shared("tokens_per_s_deviation", ({ tokensPerSecond }) => tokensPerSecond.deviation),
  ["share", ({ share }) => share, NOTHING],
  ["share_of", ({ shareOf }) => shareOf, NOTHING],
  ["dispatches_per_token", ({ dispatches }) => dispatches, NOTHING],
  ["bytes_per_token", ({ bytes }) => bytes, NOTHING],
  ["flops_per_token", ({ flops }) => flops, NOTHING],
  ["cpu_us_per_token", ({ cpuMicroseconds }) => cpuMicroseconds, NOTHING],
  ["check", ({ check }) => check, () => "runs and ids"],
];

/** One line a row, ours and then other engines', RFC 4180; each line says which adapter it is of. */
export function toCsv(report: BenchReport): string {
  const lines = [
    COLUMNS.map(([name]) => name),
    ...report.rows.map((row) => COLUMNS.map(([, ours]) => ours(row, report))),
    ...(report.peers?.rows ?? []).map((row) => COLUMNS.map(([, , theirs]) => theirs(row, report))),
  ];
  return lines.map((cells) => `${cells.map(quoted).join(",")}\r\n`).join("");
}

function quoted(cell: Cell): string {
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
