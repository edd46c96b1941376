import { expect, test } from "vitest";
import { samplePeer, sampleReport, sampleRow } from "../../testing/report.js";
import type { Reason } from "../reason.js";
import { summarise } from "../statistics.js";
import { toCsv } from "./csv.js";
import { seconds } from "./headline.js";
import { parseReport, ReportError, toJson, toJsonLines } from "./json.js";
import { toMarkdown } from "./markdown.js";
import { toPost } from "./post.js";
import { reasonText } from "./reasons.js";
import { toTable } from "./table.js";

test("the table names the adapter first, aligns its columns, and says what is missing", () => {
  expect(toTable(sampleReport())).toMatchInlineSnapshot(`
    "Example GPU, 8 GB (example, first, driver "1.2")
    reads 10 GB/s, 1000 GFLOP/s in f32, 2.5 µs a dispatch; measured by the GPU's own timestamps in this run, before and after
    Node 20.19.0, linux x64, 2026-01-02 03:04 UTC, mean ± sample standard deviation of up to 3 runs after a warm-up

    model                           parameters   weights  test         tokens/s    of roofline  dispatches/token  MB/token  CPU µs/token
    a/real-135m                        134.5 M  93.8 MiB  pp512  1000.0 ± 141.4    27 % of FMA               455       100          1235
    a/real-135m                        134.5 M  93.8 MiB  tg128      20.0 ± 1.0  20 % of reads               455       100          1235
    synthetic-15m (random weights)      15.2 M  93.8 MiB  tg128      20.0 ± 1.0  20 % of reads               455        14          1235

    a/real-135m: 1.134 bits per byte
    student: 1.410 bits per byte, KL to a/real-135m 0.800 nats a token

    failed: broken, tg128: run 2 gave token 5 where the first gave token 4, at place 0
    skipped: synthetic-1.7b, tg128: does not fit the budget (about 21 min)
    "
  `);
});

test("a software adapter is marked, in the table and in markdown", () => {
  const { adapter } = sampleReport();
  const report = sampleReport({ adapter: { ...adapter, kind: "software" } });
  expect(toTable(report)).toMatch(/^SOFTWARE ADAPTER, no GPU: Example GPU, 8 GB/);
  expect(toMarkdown(report)).toMatch(/^\*\*SOFTWARE ADAPTER, no GPU: Example GPU, 8 GB/);
});

test("a report without rows says so and gives the reasons", () => {
  const text = toTable(sampleReport({ rows: [], quality: [] }));
  expect(text).toContain("\nno rows\n");
  expect(text).toContain("failed: broken, tg128: run 2 gave token 5");
});

test("a kernel that the device dropped is told", () => {
  const dropped = [{ problem: "matvec int4 576x576", variant: "rows-8", reason: "disagrees by 0.1" }];
  const phasesMs = { headers: 1, tune: 2, weights: 3, compile: 4 };
  const loads = [{ model: "m", phasesMs, variants: {}, dropped, untried: [], tuningMs: 2 }];
  const text = "kernel left out: m, rows-8 for matvec int4 576x576: disagrees by 0.1";
  expect(toTable(sampleReport({ loads }))).toContain(text);
  expect(toMarkdown(sampleReport({ loads }))).toContain(text);
  expect(toTable(sampleReport())).not.toContain("kernel left out");
});

test("csv has one line a row, each with the adapter, and quotes what needs it", () => {
  const [header, ...lines] = parseCsv(toCsv(sampleReport()));
  const rows = lines.map((line) => Object.fromEntries(header!.map((name, index) => [name, line[index]])));
  expect(rows).toHaveLength(3);
  for (const row of rows) {
    expect(row).toMatchObject({
      adapter: "Example GPU, 8 GB",
      adapter_kind: "gpu",
      driver: 'driver "1.2"',
      features: "shader-f16 subgroups",
      limits: "maxBufferSize=268435456 maxBindGroups=4",
    });
  }
  expect(rows[0]).toMatchObject({ model: "a/real-135m", test: "pp512", runs: "2", tokens_per_s_mean: "1000" });
  expect(rows[2]).toMatchObject({ synthetic: "true", share: "0.2", share_of: "read", cpu_us_per_token: "1234.5" });
});

test("rows of other engines are in every file", () => {
  const peers = { rows: [samplePeer()], failed: [], skipped: [] };
  const report = sampleReport({ peers });
  const [header, ...lines] = parseCsv(toCsv(report));
  expect(lines).toHaveLength(4);
  const row = Object.fromEntries(header!.map((name, index) => [name, lines[3]![index]]));
  expect(row).toMatchObject({
    adapter: "Example GPU, 8 GB",
    engine: "Other engine",
    engine_version: "1.2.3",
    engine_runs_on: "WebGPU",
    engine_settings: "int4, in blocks of 32",
    ours_over_theirs: "2",
    ids_as_ours: "6",
    test: "tg128",
    tokens_per_s_mean: "10",
    share: "",
  });
  expect(lines[0]![header!.indexOf("engine")]).toBe("Alambic");
  const [run, ...rows] = toJsonLines(report)
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(run.peers).toEqual({ failed: [], skipped: [] });
  expect(rows.at(-1)).toMatchObject({ type: "peer", adapter: "Example GPU, 8 GB", ...samplePeer() });
  expect(parseReport(toJson(report), "a.json")).toEqual(report);
  expect(toMarkdown(report)).toContain("| Other engine 1.2.3 |");
});

test("rows of other engines that an earlier version wrote are given the size of their model", () => {
  const { parameters, ...row } = samplePeer();
  const report = {
    ...sampleReport(),
    peers: {
      rows: [row, { ...row, model: "unknown" }],
      failed: [],
      skipped: [{ peer: "Other engine", test: "pp512" }],
    },
  };
  const { peers } = parseReport(JSON.stringify(report), "old.json");
  expect(peers!.rows).toEqual([samplePeer({ parameters })]);
  expect(peers!.skipped).toEqual([{ peer: "Other engine", test: "pp512", reason: { code: "budget" } }]);
});

test("json is read back as it was", () => {
  const report = sampleReport();
  expect(parseReport(toJson(report), "a.json")).toEqual(report);
});

test("a post is for people, and its results are read back from it", () => {
  const report = sampleReport();
  const post = toPost(report);
  expect(post).toContain(toMarkdown(report));
  expect(parseReport(post, "pasted")).toEqual(report);
});

test("jsonl: the run, then a line a row that stands for itself", () => {
  const report = sampleReport();
  const [run, ...rows] = toJsonLines(report)
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(run).toMatchObject({
    type: "run",
    format: "alambic-bench/1",
    adapter: report.adapter,
    roofline: report.roofline,
  });
  expect(rows).toHaveLength(3);
  expect(rows[1]).toEqual({
    type: "row",
    date: report.date,
    adapter: "Example GPU, 8 GB",
    adapterKind: "gpu",
    ...report.rows[1],
  });
});

test("markdown is a table whose cells cannot break it", () => {
  const text = toMarkdown(sampleReport({ rows: [sampleRow({ model: "a|b <i>" })] }));
  expect(text).toContain(
    "| a\\|b &lt;i> | 134.5 M | 93.8 MiB | tg128 | 20.0 ± 1.0 | 20 % of reads | 455 | 100 | 1235 |",
  );
  expect(text).toContain("- features: shader-f16, subgroups");
  expect(text).toContain("maxBufferSize 268435456");
});

test("rates keep digits where they are few", () => {
  const cell = (samples: number[]) =>
    toTable(sampleReport({ rows: [sampleRow({ tokensPerSecond: summarise(samples) })] }));
  expect(cell([1.23, 1.246])).toContain("1.24 ± 0.01");
  expect(cell([123.44, 123.48])).toContain("123.5 ± 0.0");
});

test.each([
  { value: 3.21, text: "3.2 s" },
  { value: 45.4, text: "45 s" },
  { value: 300, text: "5 min" },
  { value: 9000, text: "2.5 h" },
])("$value seconds as $text", ({ value, text }) => {
  expect(seconds(value)).toBe(text);
});

test("reasons that earlier versions wrote as sentences are read", () => {
  const sentences = {
    ...sampleReport(),
    rejected: [{ model: "m", test: "all", reason: "the file is gone" }],
    skipped: [{ model: "m", test: "pp512", reason: "does not fit the budget", estimateSeconds: 2 }],
  };
  const { rejected, skipped } = parseReport(JSON.stringify(sentences), "old.json");
  expect(rejected[0]!.reason).toEqual({ code: "error", message: "the file is gone" });
  expect(skipped[0]!.reason).toEqual({ code: "error", message: "does not fit the budget" });
});

const reasons: readonly { reason: Reason; text: string }[] = [
  { reason: { code: "stopped" }, text: "stopped" },
  { reason: { code: "memory", needs: 3 * 2 ** 20, most: 2 ** 20 }, text: "its weights need 3 MiB of the 1 MiB that" },
  { reason: { code: "context", needs: 514, most: 256 }, text: "holds 514 tokens at once; the model's context is 256" },
  { reason: { code: "reference", expected: [1, 2], found: [] }, text: "begins with 1 2; here it was nothing" },
  { reason: { code: "runs", run: 1, place: 3, expected: 9 }, text: "run 1 gave no token where the first gave token 9" },
  { reason: { code: "cached", expected: 0, found: 7 }, text: "7 tokens of the prompt were in the cache, where 0 were" },
  { reason: { code: "count", expected: 5, found: 4 }, text: "4 tokens came, where 5 were asked for" },
];
test.each(reasons)("a reason of code $reason.code in English", ({ reason, text }) => {
  expect(reasonText(reason)).toContain(text);
});

const damaged = [
  {
    why: "another engine's row without its rate",
    text: JSON.stringify({ ...sampleReport(), peers: { rows: [{ ...samplePeer(), tokensPerSecond: null }] } }),
    message: "a.json is damaged: row 1 of another engine lacks a figure",
  },
  { why: "not JSON", text: "{", message: "a.json is not JSON" },
  {
    why: "another program's JSON",
    text: "[]",
    message: 'a.json has format undefined; this version reads "alambic-bench/1"',
  },
  { why: "JSON's null", text: "null", message: "a.json has format undefined" },
  { why: "a later version's", text: '{"format":"alambic-bench/2"}', message: 'has format "alambic-bench/2"' },
  { why: "rows missing", text: '{"format":"alambic-bench/1"}', message: "a.json is damaged: rows, adapter" },
  {
    why: "a row without its rate",
    text: JSON.stringify({
      ...sampleReport(),
      rows: [sampleRow(), { ...sampleRow(), tokensPerSecond: { mean: "9" } }],
    }),
    message: "a.json is damaged: row 2 lacks a figure",
  },
];
test.each(damaged)("$why", ({ text, message }) => {
  expect(() => parseReport(text, "a.json")).toThrow(ReportError);
  expect(() => parseReport(text, "a.json")).toThrow(message);
});

/** Of RFC 4180. */
function parseCsv(text: string): string[][] {
  expect(text.endsWith("\r\n")).toBe(true);
  return text
    .slice(0, -2)
    .split("\r\n")
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
        quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'),
      ),
    );
}
