import { readFile, writeFile } from "node:fs/promises";
import { freemem } from "node:os";
import { fileURLToPath } from "node:url";
import { type Gpu, Model, openGpu } from "@alambic/engine";
import { toCsv } from "../core/format/csv.js";
import { parseReport, toJson, toJsonLines } from "../core/format/json.js";
import { toMarkdown } from "../core/format/markdown.js";
import { toTable } from "../core/format/table.js";
import { REFERENCES } from "../core/ladder.js";
import { toSvg } from "../core/plot/plot.js";
import type { BenchReport, PeerReport } from "../core/report.js";
import { runBench } from "../core/run.js";
import { workloads } from "../core/workload.js";
import { chooseModels, MODELS } from "./choose-models.js";
import { help } from "./help.js";
import {
  type Format,
  type MeasureArguments,
  PEERS_MODEL,
  type PlotArguments,
  readArguments,
  UsageError,
} from "./options.js";
import { clearProgress, showDoing, showProgress } from "./progress.js";

/**
 * Runs one command line.
 *
 * @param words - What stands after `pnpm bench`.
 * @returns The exit status: 0; 1 when nothing was measured or a row failed its check; 2 for words that make no sense;
 *   130 when interrupted, after the results until then.
 */
export async function main(words: readonly string[]): Promise<number> {
  try {
    const args = readArguments(words);
    if (args.command === "help") {
      process.stdout.write(help());
      return 0;
    }
    return await (args.command === "plot" ? plot(args) : measure(args));
  } catch (error) {
    clearProgress();
    const usage = error instanceof UsageError;
    process.stderr.write(`bench: ${messageOf(error)}${usage ? " See --help." : ""}\n`);
    return usage ? 2 : 1;
  }
}

async function plot({ files, output }: PlotArguments): Promise<number> {
  const reports = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(file, "utf8").catch((cause: Error) => {
        throw new UsageError(`${file} cannot be read: ${cause.message}.`);
      });
      return parseReport(text, file);
    }),
  );
  await put(output, toSvg(reports));
  return 0;
}

const WRITERS: Readonly<Record<Format, (report: BenchReport) => string>> = {
  json: toJson,
  jsonl: toJsonLines,
  csv: toCsv,
  md: toMarkdown,
  svg: (report) => toSvg([report]),
};

async function measure(args: MeasureArguments): Promise<number> {
  const candidates = chooseModels(args.models, args); // before a GPU is opened: a wrong name is told at once
  const work = workloads(args.prompts, args.generated, args.depths);
  if (work.length === 0) throw new UsageError("--prompt 0 and --generate 0 leave nothing to measure.");
  const stop = new AbortController();
  const interrupt = () => {
    if (stop.signal.aborted) process.exit(130); // asked twice
    stop.abort();
  };
  process.on("SIGINT", interrupt);
  let gpu: Gpu | undefined;
  try {
    gpu = await openGpu({ powerPreference: "high-performance", forceSoftware: args.software });
    const ours = await runBench(gpu, candidates, {
      settings: {
        repetitions: args.repetitions,
        budgetSeconds: args.budgetSeconds,
        workloads: work,
        quality: args.quality,
        ...(args.precision && { precision: args.precision }),
        ...(args.kv && { kv: args.kv }),
        // A software adapter's memory is this machine's. A GPU says itself when it has no more.
        ...(gpu.adapter.kind === "software" && { mostBytes: Math.floor(freemem() / 2) }),
      },
      runtime: `Node ${process.versions.node}, ${process.platform} ${process.arch}`,
      signal: stop.signal,
      onProgress: showProgress(args.budgetSeconds),
    });
    gpu.dispose(); // so that others have the adapter to themselves
    const report = args.peers ? { ...ours, peers: await measurePeers(args, ours, stop.signal) } : ours;
    clearProgress();
    await write(report, args.outputs);
    if (stop.signal.aborted) return 130;
    const failed = report.rejected.length + (report.peers?.failed.length ?? 0);
    return report.rows.length > 0 && failed === 0 ? 0 : 1;
  } finally {
    process.off("SIGINT", interrupt);
    gpu?.dispose();
  }
}

async function measurePeers(
  { peers = [], repetitions, budgetSeconds }: MeasureArguments,
  { settings, adapter }: BenchReport,
  signal: AbortSignal,
): Promise<PeerReport> {
  const { peersNamed, runPeers } = await import("../peers/run-peers.js"); // brings the driver of a browser with it
  const folder = `${MODELS}${PEERS_MODEL}`;
  const { vocabulary, parameters } = await Model.inspect(folder);
  const task = {
    folder,
    model: PEERS_MODEL,
    parameters: parameters.total,
    vocabulary,
    workloads: settings.workloads,
    repetitions,
    budgetSeconds,
    adapterKind: adapter.kind,
    reference: REFERENCES[PEERS_MODEL]!,
    cache: fileURLToPath(new URL("../../node_modules/.cache/peers", import.meta.url)),
    signal,
    onProgress: showDoing,
  };
  return runPeers(task, peersNamed(peers));
}

async function write(report: BenchReport, outputs: MeasureArguments["outputs"]): Promise<void> {
  if (!Object.values(outputs).includes("-")) process.stdout.write(toTable(report));
  for (const [format, file] of Object.entries(outputs) as [Format, string][]) {
    if (format === "svg" && report.rows.length === 0) continue; // the table says why there is nothing to draw
    await put(file, WRITERS[format](report));
  }
}

async function put(file: string, text: string): Promise<void> {
  if (file === "-") process.stdout.write(text);
  else
    await writeFile(file, text).catch((cause: Error) => {
      throw new Error(`${file} cannot be written: ${cause.message}`);
    });
}

function messageOf(error: unknown): string {
  if (process.env.ALAMBIC_DEBUG && error instanceof Error) return error.stack ?? error.message;
  return error instanceof Error ? error.message : String(error);
}
