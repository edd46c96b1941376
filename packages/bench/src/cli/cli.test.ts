import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { toJson } from "../core/format/json.js";
import { sampleReport } from "../testing/report.js";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const llama = here("../../../engine/fixtures/llama-tied");

interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function bench(...words: string[]): Promise<Finished> {
  const child = spawn(process.execPath, [here("../../bin/bench.js"), ...words], { stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      output[stream] += text;
    });
  }
  return new Promise((resolve) => child.on("close", (status) => resolve({ status, ...output })));
}

let folder: string;
beforeAll(() => {
  if (!existsSync(here("../../dist/cli/index.js")))
    throw new Error("These tests run what was built. Run `pnpm build` first.");
  folder = mkdtempSync(join(tmpdir(), "alambic-bench-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([["--help"], ["-h"], ["help"], ["plot", "--help"]])("%s %s", async (...words) => {
  const { status, stdout, stderr } = await bench(...words.filter((word) => word !== undefined));
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toContain("Usage: pnpm bench [options]");
  expect(stdout).toContain("synthetic-1.7b         random weights in the shape of SmolLM2-1.7B");
});

test.each([
  {
    words: ["--models", "nothing"],
    message: 'bench: --models "nothing" is no folder and no Hub id, and none of the ladder\'s: all, real',
  },
  {
    words: ["-p", "0", "-n", "0"],
    message: "bench: --prompt 0 and --generate 0 leave nothing to measure. See --help.",
  },
  { words: ["--what"], message: "bench: Unknown option '--what'. See --help." },
  { words: ["plot", "/nowhere.json"], message: "bench: /nowhere.json cannot be read" },
])("$words: exit status 2", async ({ words, message }) => {
  const { status, stdout, stderr } = await bench(...words);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain(message);
});

test("plot merges files into one picture", async () => {
  const { adapter } = sampleReport();
  const files = ["First GPU", "Second GPU"].map((name, index) => {
    const file = join(folder, `${index}.json`);
    writeFileSync(file, toJson(sampleReport({ adapter: { ...adapter, name } })));
    return file;
  });
  const svg = join(folder, "all.svg");
  expect(await bench("plot", ...files, "--svg", svg)).toEqual({ status: 0, stdout: "", stderr: "" });
  const text = readFileSync(svg, "utf8");
  expect(text).toMatch(/First GPU, Node [^<]*, 2026-01-02<\/text>/);
  expect(text).toMatch(/Second GPU, Node [^<]*, 2026-01-02<\/text>/);
  expect((await bench("plot", ...files)).stdout).toBe(text);
});

test("plot of a file that is no result: exit status 1", async () => {
  const { status, stdout, stderr } = await bench("plot", here("../../package.json"));
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toMatch(/^bench: .*package\.json has format undefined; this version reads "alambic-bench\/1"/);
});

test("measures a checkpoint: json alone on stdout, the other formats in files", async () => {
  const files = ["r.csv", "r.md", "r.svg", "r.jsonl"].map((name) => join(folder, name));
  const outputs = files.flatMap((file) => [`--${file.split(".").at(-1)}`, file]);
  const { status, stdout } = await bench(
    "-m",
    llama,
    "-p",
    "16",
    "-n",
    "4",
    "-r",
    "2",
    "--software",
    "--json",
    ...outputs,
  );
  expect(status).toBe(0);
  const report = JSON.parse(stdout);
  expect(
    report.rows.map(({ model, tokensPerSecond }: (typeof report.rows)[0]) => [model, tokensPerSecond.samples.length]),
  ).toEqual([
    ["llama-tied", 2],
    ["llama-tied", 2],
  ]);
  for (const file of files) expect(readFileSync(file, "utf8")).toContain(report.adapter.name);
});

test("--peers: ours once more, in a browser, and an engine that is none", async () => {
  const words = ["-m", llama, "-p", "4", "-n", "1", "-r", "1", "--no-quality", "--software"];
  const { status, stdout, stderr } = await bench(...words, "--peers", "ours", "--json");
  expect({ status, stderr: stderr.replaceAll(/^Warning: .*\n/gm, "") }).toEqual({ status: 0, stderr: "" });
  const { peers } = JSON.parse(stdout);
  expect(peers).toMatchObject({ failed: [], skipped: [] });
  expect(peers.rows).toMatchObject(
    ["pp", "tg"].map((kind) => ({
      kind,
      peer: "Alambic",
      model: "smollm2-135m-instruct",
      agreement: { same: 7, of: 7 },
    })),
  );
  expect(peers.rows[0].runtime).toMatch(/^Chrom/);
  expect((await bench("--peers", "nothing")).stderr).toContain(
    '--peers "nothing" is no engine known here: onnxruntime, ours',
  );
});
