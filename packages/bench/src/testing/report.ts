import { type BenchReport, type BenchRow, FORMAT, type PeerRow } from "../core/report.js";
import { summarise } from "../core/statistics.js";

/** Made up, with figures that are easy to follow through every format. */
export function sampleRow(changes: Partial<BenchRow> = {}): BenchRow {
  return {
    kind: "tg",
    tokens: 128,
    depth: 0,
    model: "a/real-135m",
    synthetic: false,
    parameters: 134_515_008,
    weightBytes: 98_344_960,
    tokensPerSecond: summarise([19, 20, 21]),
    share: 0.2,
    shareOf: "read",
    dispatches: 455,
    bytes: 100_000_000,
    flops: 270_000_000,
    cpuMicroseconds: 1234.5,
    check: "runs and reference",
    ...changes,
  };
}

export function samplePeer(changes: Partial<PeerRow> = {}): PeerRow {
  return {
    kind: "tg",
    tokens: 128,
    depth: 0,
    peer: "Other engine",
    version: "1.2.3",
    runtime: "Node 20.19.0",
    runsOn: "WebGPU",
    settings: "int4, in blocks of 32",
    model: "a/real-135m",
    parameters: 134_515_008,
    tokensPerSecond: summarise([10, 10]),
    agreement: { same: 6, of: 7 },
    ...changes,
  };
}

export function sampleReport(changes: Partial<BenchReport> = {}): BenchReport {
  return {
    format: FORMAT,
    date: "2026-01-02T03:04:05.678Z",
    runtime: "Node 20.19.0, linux x64",
    adapter: {
      name: "Example GPU, 8 GB",
      vendor: "example",
      architecture: "first",
      description: 'driver "1.2"',
      kind: "gpu",
      features: ["shader-f16", "subgroups"],
      limits: { maxBufferSize: 268_435_456, maxBindGroups: 4 },
    },
    roofline: { readGBs: 10, gflops: 1000, dispatchMicroseconds: 2.5, clock: "timestamps" },
    settings: {
      repetitions: 3,
      budgetSeconds: 300,
      workloads: [
        { kind: "pp", tokens: 512, depth: 0 },
        { kind: "tg", tokens: 128, depth: 0 },
      ],
      quality: true,
    },
    rows: [
      sampleRow({ kind: "pp", tokens: 512, tokensPerSecond: summarise([900, 1100]), share: 0.27, shareOf: "fma" }),
      sampleRow(),
      sampleRow({ model: "synthetic-15m", synthetic: true, parameters: 15_187_968, bytes: 14e6, check: "runs" }),
    ],
    quality: [
      { model: "a/real-135m", parameters: 134_515_008, bitsPerByte: 1.134 },
      { model: "student", parameters: 81_413_568, bitsPerByte: 1.41, klToTeacher: 0.8, teacher: "a/real-135m" },
    ],
    rejected: [{ model: "broken", test: "tg128", reason: { code: "runs", run: 2, place: 0, expected: 4, found: 5 } }],
    skipped: [{ model: "synthetic-1.7b", test: "tg128", reason: { code: "budget" }, estimateSeconds: 1230 }],
    seconds: 42,
    ...changes,
  };
}
