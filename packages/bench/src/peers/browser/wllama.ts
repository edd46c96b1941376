import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { contextOf } from "../../core/workload.js";
import { ggufModel } from "../gguf.js";
import { installPackages } from "../install.js";
import type { WllamaRequest } from "../page/wllama.js";
import { type Peer, type PeerTask, requestOf } from "../peer.js";
import { rowsOf } from "../rows.js";
import { runInPage } from "./run-in-page.js";
import { plainTexts, wordsFor, wordsOf } from "./words.js";

const VERSION = "3.8.1";

/** llama.cpp as WebAssembly in a browser, asked for WebGPU or for the CPU. */
function wllama(gpu: boolean): Peer {
  return {
    name: `wllama ${gpu ? "WebGPU" : "CPU"}`,
    async measure(task) {
      const modules = await installPackages({ "@wllama/wllama": VERSION }, task);
      const model = await ggufModel(task);
      const request = await wllamaRequest(task, gpu);
      task.onProgress(`measuring ${this.name}`);
      const { lines, runtime } = await runInPage(
        { script: "wllama", request, mounts: { "/npm/": modules, "/model.gguf": model } },
        task,
      );
      return rowsOf(lines, task, {
        peer: this.name,
        version: VERSION,
        runtime,
        runsOn: "not told",
        settings: "Q4_1 GGUF, the same weights, keys and values in f16; prompts of as many tokens, given as words",
      });
    },
  };
}

async function wllamaRequest(task: PeerTask, gpu: boolean): Promise<WllamaRequest> {
  const { model, added_tokens } = JSON.parse(await readFile(join(task.folder, "tokenizer.json"), "utf8"));
  const words = wordsOf(model.vocab);
  const request = requestOf(task);
  return {
    ...request,
    gpu,
    context: Math.max(256, ...task.workloads.map(contextOf)),
    texts: [
      plainTexts(request.reference.prompt, { ...model.vocab, ...namesOf(added_tokens) }),
      ...request.tests.map(({ prompt }) => wordsFor(prompt, words)),
    ],
  };
}

function namesOf(added: readonly { readonly id: number; readonly content: string }[]): Record<string, number> {
  return Object.fromEntries(added.map(({ content, id }) => [content, id]));
}

export const wllamaCpu = wllama(false);
export const wllamaWebGpu = wllama(true);
