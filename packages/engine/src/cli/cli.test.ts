import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { readFixture } from "../testing/tokenizers.js";
import { Tokenizer } from "../text/tokenizer.js";

// Each command compiles its kernels anew, for which a software adapter takes its time.
vi.setConfig({ testTimeout: 300_000 });

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const command = here("../../bin/alambic.js");
const fixture = (name: string) => here(`../../fixtures/${name}`);
const teacher = here("../../../../models/smollm2-135m-instruct");

interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const children: ChildProcess[] = [];

function start(...words: string[]): { child: ChildProcess; finished: Promise<Finished> } {
  const child = spawn(process.execPath, [command, ...words], { stdio: ["pipe", "pipe", "pipe"] });
  children.push(child);
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      output[stream] += text;
    });
  }
  const finished = new Promise<Finished>((resolve) => child.on("close", (status) => resolve({ status, ...output })));
  return { child, finished };
}

function alambic(...words: string[]): Promise<Finished> {
  const { child, finished } = start(...words);
  child.stdin?.end();
  return finished;
}

/** What `--json` prints: one object on one line, and nothing beside it. */
async function json<T>(...words: string[]): Promise<T> {
  const { status, stdout, stderr } = await alambic(...words, "--json");
  expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout.match(/\n/g)).toHaveLength(1);
  return JSON.parse(stdout) as T;
}

/** The tiny checkpoint with a tokenizer and a chat template: what it says makes no sense, but it says it. */
let talker: string;

beforeAll(() => {
  if (!existsSync(here("../../dist/cli/index.js")))
    throw new Error("These tests run what was built. Run `pnpm build` first.");
  talker = mkdtempSync(join(tmpdir(), "alambic-cli-"));
  cpSync(fixture("llama-tied"), talker, { recursive: true });
  const { tokenizer, config } = readFixture<{ tokenizer: object; config: object }>("tokenizers/llama3.tokenizer.json");
  const chat_template =
    "{{ bos_token }}{% for message in messages %}{{ '<|start_header_id|>' + message.role + '<|end_header_id|>' + message.content + '<|eot_id|>' }}{% endfor %}";
  writeFileSync(join(talker, "tokenizer.json"), JSON.stringify(tokenizer));
  writeFileSync(join(talker, "tokenizer_config.json"), JSON.stringify({ ...config, chat_template }));
  writeFileSync(join(talker, "hello.json"), JSON.stringify([{ role: "user", content: "Hello" }]));
});
afterAll(() => {
  for (const child of children) if (child.exitCode === null) child.kill("SIGKILL"); // after a test that timed out
  rmSync(talker, { recursive: true, force: true });
});

describe("help", () => {
  test.each(["inspect", "logits", "generate", "embed", "compare", "chat", "verify"])("%s --help", async (name) => {
    const { status, stdout, stderr } = await alambic(name, "--help");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain(`Usage: alambic ${name} <`);
  });
  test("no command", async () => {
    const { status, stdout, stderr } = await alambic();
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain("Usage: alambic <command> <source> [options]");
  });
});

describe("errors are on stderr, with exit status 1", () => {
  const cases: { why: string; words: string[]; message: string }[] = [
    {
      why: "an unknown command",
      words: ["sing"],
      message: 'alambic: there is no command "sing". The commands are inspect, logits',
    },
    { why: "no source", words: ["inspect", "--json"], message: "alambic inspect: <source> is missing. See --help." },
    { why: "a source that is nowhere", words: ["inspect", "/nowhere", "--json"], message: "alambic inspect: " },
    {
      why: "an unknown option",
      words: ["logits", "x", "--id", "1"],
      message: "alambic logits: Unknown option '--id'. See --help.",
    },
    { why: "no prompt", words: ["generate", "x"], message: "Give exactly one of --prompt, --messages and --ids." },
    { why: "no text to embed", words: ["embed", "x"], message: "Give either --text, once or more, or --ids." },
    {
      why: "texts and ids to embed",
      words: ["embed", "x", "--ids", "1", "--text", "a"],
      message: "Give either --text, once or more, or --ids.",
    },
    { why: "two prompts", words: ["generate", "x", "--prompt", "a", "--ids", "1"], message: "Give exactly one of" },
    {
      why: "messages that are not there",
      words: ["generate", "x", "--messages", "none.json"],
      message: "--messages none.json cannot be read",
    },
    {
      why: "messages of another form",
      words: ["generate", "x", "--messages", join(teacher, "config.json")],
      message: "must hold a list such as",
    },
    {
      why: "a temperature that is no number",
      words: ["generate", "x", "--ids", "1", "--temperature", "hot"],
      message: '--temperature is "hot"',
    },
    {
      why: "a context that holds no answer",
      words: ["logits", "x", "--ids", "1", "--context", "1"],
      message: "--context is 1; it must be a whole number of at least 2.",
    },
  ];
  test.each(cases)("$why", async ({ words, message }) => {
    const { status, stdout, stderr } = await alambic(...words);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain(message);
  });
});

describe("cache", () => {
  test("lists what is kept and removes it by name", async () => {
    const home = mkdtempSync(join(tmpdir(), "alambic-cache-"));
    vi.stubEnv("HF_HUB_CACHE", home);
    vi.stubEnv("XDG_CACHE_HOME", home);
    cpSync(fixture("llama-tied"), join(home, "models--owner--name/blobs"), { recursive: true });
    try {
      const { entries, bytes } = await json<{ entries: object[]; bytes: number }>("cache", "ls");
      expect(entries).toMatchObject([{ name: "owner/name", kind: "model", id: "owner/name", bytes }]);
      expect(bytes).toBeGreaterThan(250_000);
      expect((await alambic("cache", "ls")).stdout).toMatch(/MiB {2}owner\/name\n.*MiB {2}in all, .* free\n/);
      expect((await alambic("cache", "rm", "../elsewhere")).stderr).toContain("../elsewhere is not in the cache");
      expect((await alambic("cache", "rm", "owner/name")).stdout).toMatch(/^removed owner\/name: .*MiB\n$/);
      expect(await json("cache", "ls")).toMatchObject({ entries: [], bytes: 0 });
    } finally {
      vi.unstubAllEnvs();
      rmSync(home, { recursive: true, force: true });
    }
  });
  test.each([
    { words: ["cache"], message: "<ls|rm> is missing" },
    { words: ["cache", "rm"], message: "<name> is missing" },
    { words: ["cache", "sweep"], message: 'cache knows ls and rm <name>, not "sweep"' },
  ])("$words", async ({ words, message }) => {
    const { status, stderr } = await alambic(...words);
    expect(status).toBe(1);
    expect(stderr).toContain(message);
  });
});

describe("inspect", () => {
  test("the teacher, from headers alone", async () => {
    const inspection = await json<object>("inspect", teacher, "--headers");
    expect(inspection).toEqual({
      family: "llama",
      context: 8192,
      parameters: {
        total: 134_515_008,
        active: 134_515_008,
        embedding: 28_311_552,
        attention: 30 * (2 * 576 * 576 + 2 * 576 * 192),
        mlp: 30 * 3 * 576 * 1536,
        experts: 0,
        norm: 61 * 576,
      },
      bytes: { disk: expect.any(Number), none: expect.any(Number), int8: expect.any(Number), int4: expect.any(Number) },
      kvBytesPer1k: expect.objectContaining({ f32: 1024 * 30 * 2 * 192 * 4 }),
      layers: 30,
      vocabulary: 49_152,
    });
  });
  test("for people, with a verdict", async () => {
    const { stdout } = await alambic("inspect", fixture("llama-tied"));
    expect(stdout).toContain("llama, 2 layers, a vocabulary of 512, made for 512 tokens");
    expect(stdout).toContain("total      131,392");
    expect(stdout).toMatch(
      /on .*, measured: [\d.]+ GB\/s, [\d.]+ GFLOPS\n {2}It fits: \d+ MiB with 512 tokens of context/,
    );
    expect(stdout).toMatch(/none {2}at most [\d.e+]+ tokens\/s/);
  });
});

interface Expected {
  readonly input_ids: number[];
  readonly logits: number[][];
  readonly greedy: number[];
}

interface Generated {
  readonly prompt_ids: number[];
  readonly ids: number[];
  readonly text: string | null;
  readonly finish_reason: string;
  readonly usage: object;
  readonly timing: Record<string, number>;
  readonly adapter: string;
}

test("logits: those of transformers", async () => {
  const { input_ids, logits } = readFixture<Expected>("llama-tied/expected.json");
  const result = await json<{ ids: number[]; logits: number[][] }>(
    "logits",
    fixture("llama-tied"),
    "--ids",
    input_ids.join(","),
  );
  expect(result.ids).toEqual(input_ids);
  expect(result.logits.map((row) => row.length)).toEqual(logits.map((row) => row.length));
  expect(worst(result.logits, logits)).toBeLessThan(2e-3);
});

test("logits with adapters: those of PEFT", async () => {
  const { together } = readFixture<{ together: Expected & { weights: { lora: number; rslora: number } } }>(
    "llama-tied-rslora/expected.json",
  );
  const { input_ids, logits, weights } = together;
  const ids = ["--ids", input_ids.join(",")];
  const adapters = [
    ...["--lora", `${fixture("llama-tied-lora")}=${weights.lora}`],
    ...["--lora", `${fixture("llama-tied-rslora")}=${weights.rslora}`],
  ];
  const result = await json<{ logits: number[][] }>("logits", fixture("llama-tied"), ...ids, ...adapters);
  expect(worst(result.logits, logits)).toBeLessThan(2e-3);
});

function worst(actual: readonly number[][], expected: readonly number[][]): number {
  return Math.max(...actual.flatMap((row, t) => row.map((value, v) => Math.abs(value - expected[t]![v]!))));
}

test("verify: what quantising costs, and what it cannot tell", async () => {
  const { input_ids } = readFixture<Expected>("llama-tied/expected.json");
  const ids = ["--ids", input_ids.join(",")];
  const found = await json<{ mean_kl: number; quantize: string }>("verify", fixture("llama-tied"), ...ids);
  expect(found.quantize).toBe("int4");
  expect(found.mean_kl).toBeGreaterThan(0);
  const refused = await alambic("verify", fixture("mlx-4bit-g64"), ...ids);
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain("alambic verify: ");
  expect(refused.stderr).toContain("(--reference)");
});

describe("generate", () => {
  test("--draft: the same ids, and what the draft was worth", async () => {
    const { input_ids, greedy } = readFixture<Expected>("llama-tied/expected.json");
    const words = ["--ids", input_ids.join(","), "--max-tokens", String(greedy.length)];
    const draft = ["--draft", fixture("llama3-rope")];
    const result = await json<Generated & { draft: object }>("generate", fixture("llama-tied"), ...words, ...draft);
    expect(result.ids).toEqual(greedy);
    expect(result.draft).toEqual({
      proposed: expect.any(Number),
      accepted: expect.any(Number),
      speed_up: expect.any(Number),
    });
  });

  test("--ids without a tokenizer: the greedy ids of transformers, and no text", async () => {
    const { input_ids, greedy } = readFixture<Expected>("llama-tied/expected.json");
    const words = ["--ids", input_ids.join(","), "--max-tokens", String(greedy.length)];
    const result = await json<Generated>("generate", fixture("llama-tied"), ...words);
    expect(result).toEqual({
      prompt_ids: input_ids,
      ids: greedy,
      text: null,
      finish_reason: "length",
      usage: { prompt_tokens: 24, completion_tokens: 24, total_tokens: 48 },
      timing: {
        load_ms: expect.any(Number),
        load_phases_ms: expect.objectContaining({ weights: expect.any(Number), compile: expect.any(Number) }),
        first_token_ms: expect.any(Number),
        prefill_tok_s: expect.any(Number),
        decode_tok_s: expect.any(Number),
      },
      adapter: expect.any(String),
    });
  });

  test("--messages goes through the template; text on stdout, the rest on stderr", async () => {
    const words = ["--messages", join(talker, "hello.json"), "--max-tokens", "3"];
    const { status, stdout, stderr } = await alambic("generate", talker, ...words);
    expect(status).toBe(0);
    expect(stdout.endsWith("\n")).toBe(true);
    const { tokenizer, config } = readFixture<{ tokenizer: object; config: object }>(
      "tokenizers/llama3.tokenizer.json",
    );
    const prompt = "<|begin_of_text|><|start_header_id|>user<|end_header_id|>Hello<|eot_id|>";
    const promptTokens = new Tokenizer(tokenizer, config).encode(prompt, { addSpecialTokens: false }).length;
    expect(stderr).toMatch(new RegExp(`${promptTokens} \\+ 3 tokens, [\\d.]+ tokens/s, ended by length`));
    expect(stderr).toMatch(/first token after [\d.]+ s: headers [\d.]+ s, .*, weights [\d.]+ s, .*, prompt [\d.]+ s/);
  });

  test("--prompt is raw text; too much of it is an error with both numbers", async () => {
    const { status, stdout, stderr } = await alambic("generate", talker, "--prompt", "- 7".repeat(300));
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain("The prompt is 901 tokens long; the context holds 512."); // <|begin_of_text|> and three a time
  });
});

describe("embed", () => {
  const encoder = fixture("sentence-bert");
  const expected = readFixture<{
    input_ids: number[];
    last_hidden_state: number[][];
    mean: number[];
    texts: string[];
    mean_normalized: number[][];
  }>("sentence-bert/expected.json");
  const worst = (actual: number[][], wanted: number[][]) =>
    Math.max(...wanted.flatMap((row, t) => row.map((value, i) => Math.abs(value - actual[t]![i]!))));

  test("--text: the vectors of sentence-transformers", async () => {
    const words = ["--text", ...expected.texts.slice(0, 2), "--text", expected.texts[2]!];
    const result = await json<{ embeddings: number[][] }>("embed", encoder, ...words);
    expect(Object.keys(result)).toEqual(["embeddings"]);
    expect(worst(result.embeddings, expected.mean_normalized.slice(0, 3))).toBeLessThan(1e-3);
  });

  test("--ids --hidden: the last hidden state of transformers", async () => {
    const words = ["--ids", expected.input_ids.join(","), "--hidden", "--normalize", "no"];
    const result = await json<{ embeddings: number[][]; last_hidden_state: number[][][] }>("embed", encoder, ...words);
    expect(worst(result.embeddings, [expected.mean])).toBeLessThan(1e-3);
    expect(result.last_hidden_state).toHaveLength(1);
    expect(worst(result.last_hidden_state[0]!, expected.last_hidden_state)).toBeLessThan(1e-3);
  });

  test("an encoder answers nothing", async () => {
    const { status, stderr } = await alambic("chat", encoder);
    expect(status).toBe(1);
    expect(stderr).toContain("sentence-bert is an encoder (bert)");
  });
});

test("compare: a model with itself", async () => {
  const result = await json<{ ids: number[]; positions: object[]; mean_kl: number; top1_agreement: number }>(
    "compare",
    fixture("llama-tied"),
    fixture("llama-tied"),
    "--ids",
    "65,106,235",
  );
  expect(result.ids).toEqual([65, 106, 235]);
  expect(result.positions).toHaveLength(3);
  expect(Object.keys(result.positions[0]!)).toEqual(["kl", "teacher_top1", "student_top1", "agree"]);
  expect(result.mean_kl).toBeLessThan(1e-6);
  expect(result.top1_agreement).toBe(1);
});

test("chat: Ctrl-C stops the answer and not the program, /exit leaves", async () => {
  const { child, finished } = start("chat", talker, "--max-tokens", "400");
  const answering = new Promise<void>((resolve) => child.stdout!.once("data", () => resolve()));
  const stopped = new Promise<void>((resolve) =>
    child.stderr!.on("data", (text: string) => text.includes("[stopped]") && resolve()),
  );
  child.stdin!.write("Hello\n");
  await answering;
  child.kill("SIGINT");
  await stopped;
  expect(child.exitCode).toBeNull();
  child.stdin!.write("/exit\n");
  const { status, stdout } = await finished;
  expect(status).toBe(0);
  expect(stdout.trim()).not.toBe("");
});

test("chat: a message that is too long is an error of that message only", async () => {
  const { child, finished } = start("chat", talker);
  child.stdin!.end(`${"- 7".repeat(300)}\n/exit\n`);
  const { status, stderr } = await finished;
  expect(status).toBe(0);
  expect(stderr).toMatch(
    /The prompt is \d+ tokens long; the context holds 512\..* \/clear starts the conversation anew\./,
  );
});

test("chat: a base model is told apart", async () => {
  const { status, stderr } = await alambic("chat", fixture("llama-tied"));
  expect(status).toBe(1);
  expect(stderr).toContain("has no chat template");
});
