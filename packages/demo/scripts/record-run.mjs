// Records what the first visit plays before any model is loaded: both models answering a starting prompt at once, with the
// time at which every piece of text really came. Writes src/race/recorded/<name>.json, which is committed.
//
//   pnpm --filter @alambic/engine build
//   node packages/demo/scripts/record-run.mjs <name>      # of src/race/starters.ts
//
// The adapter is chosen as everywhere: a real GPU if there is one, VK_DRIVER_FILES if set, else SwiftShader.
import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { openEngine } from "@alambic/engine";
import { runnerImport } from "vite";

const local = (path) => fileURLToPath(new URL(path, import.meta.url));
const {
  module: { STARTERS },
} = await runnerImport(local("../src/race/starters.ts"));
const FOLDERS = { teacher: "smollm2-135m-instruct", student: "smollm2-81m-student" };
const ROLES = Object.keys(FOLDERS);
/** The page's own defaults, in src/state/store.ts. */
const OPTIONS = { temperature: 0, maxTokens: 256 };
/** As in src/state/race-control.ts. */
const MEASURED_TOKENS = 64;

const [name] = process.argv.slice(2);
const prompt = STARTERS[name];
if (!prompt) {
  console.error(`usage: record-run.mjs ${Object.keys(STARTERS).join("|")}`);
  process.exit(2);
}
const messages = [{ role: "user", content: prompt }];

const engine = await openEngine({ powerPreference: "high-performance" });
const models = {};
for (const role of ROLES) models[role] = await engine.load(local(`../../../models/${FOLDERS[role]}`));

const sent = performance.now();
const answers = await Promise.all(ROLES.map((role) => record(models[role], sent)));
const byRole = {};
for (const [index, role] of ROLES.entries())
  byRole[role] = { ...answers[index], alone: await alone(models[role], answers[index].usage.completionTokens) };

const { description, kind, name: adapter } = engine.adapter;
const { version } = JSON.parse(await readFile(local("../../engine/package.json"), "utf8"));
const recording = {
  prompt,
  date: new Date().toISOString().slice(0, 10),
  adapter: { name: description || adapter, software: kind === "software" },
  processor: `${availableParallelism()} × ${cpus()[0].model.trim()}`,
  runtime: `Node ${process.versions.node}, ${process.platform} ${process.arch}`,
  version,
  maxTokens: OPTIONS.maxTokens,
  answers: byRole,
};
const path = local(`../src/race/recorded/${name}.json`);
await writeFile(path, `${JSON.stringify(recording)}\n`);
for (const role of ROLES) {
  const { pieces, at, usage, rate, alone: own } = byRole[role];
  console.log(
    `\n${role}: ${usage.completionTokens} tokens, the first after ${at[0]} ms, ${rate} tokens/s, ${own} alone`,
  );
  console.log(pieces.join(""));
}
engine.dispose();
process.exit(0);

/** Text as it came, a token a piece: `at[i]` is when `pieces[i]` came, in milliseconds after the prompt was sent. */
async function record(model, start) {
  const at = [];
  const pieces = [];
  for await (const { text, ids, finishReason, usage, timing } of model.session().chat(messages, OPTIONS)) {
    if (ids.length > 0) {
      at.push(Math.round(performance.now() - start));
      pieces.push(text);
    } else if (pieces.length > 0) pieces.push(`${pieces.pop()}${text}`); // what was held back until the end
    if (!finishReason) continue;
    if (pieces.length !== usage.completionTokens)
      throw new Error(`${pieces.length} pieces of ${usage.completionTokens} tokens`);
    const { promptTokens, completionTokens } = usage;
    const position = promptTokens + Math.floor(completionTokens / 2);
    const costs = await model.planCosts({ prompt: promptTokens, position });
    return {
      finishReason,
      usage: { promptTokens, completionTokens },
      rate: rounded(timing.decodeTokensPerSecond),
      bytesPerToken: costs.decode.bytes,
      at,
      pieces,
    };
  }
  throw new Error("The answer has no end.");
}

/** Tokens a second of the same answer's beginning with the GPU to itself. */
async function alone(model, tokens) {
  const options = { ...OPTIONS, maxTokens: Math.min(tokens, MEASURED_TOKENS), ignoreEos: true };
  return rounded((await model.chat(messages, options).result()).timing.decodeTokensPerSecond);
}

function rounded(rate) {
  return Number(rate.toFixed(2));
}
