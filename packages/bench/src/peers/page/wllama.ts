import type { PeerLine } from "../rows.js";
import { type PeerContext, type PeerRequest, runTests } from "../run-tests.js";

export interface WllamaRequest extends PeerRequest {
  /** Whether to ask for WebGPU. It may run on the CPU all the same. */
  readonly gpu: boolean;
  readonly context: number;
  /** The prompts as text, which is all that it takes, cut into the text of each token: of the reference, then of each test. */
  readonly texts: readonly (readonly string[])[];
}

// The part of wllama that is used: the package is not there when this is compiled.
interface Chunk {
  readonly timings?: { readonly cache_n: number; readonly prompt_n: number };
  readonly __verbose?: { readonly tokens?: readonly number[] };
}
interface Wllama {
  loadModel(files: readonly Blob[], options: object): Promise<void>;
  createCompletion(options: object): Promise<void>;
  getNumThreads(): number;
}
interface Library {
  readonly Wllama: new (paths: object, options: object) => Wllama;
}

export default async function run(request: WllamaRequest, tell: (line: PeerLine) => Promise<void>): Promise<void> {
  const address = "/npm/@wllama/wllama/esm/index.js"; // not for a bundler to look for
  const { Wllama } = (await import(/* @vite-ignore */ address)) as Library;
  const log: string[] = [];
  const note = (...words: unknown[]) => void log.push(words.join(" "));
  const logger = { debug: note, log: note, warn: note, error: note };
  const engine = new Wllama({ default: "/npm/@wllama/wllama/esm/wasm/wllama.wasm" }, { logger });
  const file = await (await fetch("/model.gguf")).blob();
  await engine.loadModel([file], {
    n_ctx: request.context,
    n_gpu_layers: request.gpu ? 99_999 : 0,
    n_threads: navigator.hardwareConcurrency,
    n_parallel: 1,
  });
  await tell({ type: "about", runsOn: whereItRan(log, request.gpu, engine.getNumThreads()) });

  const prompts = [request.reference.prompt, ...request.tests.map(({ prompt }) => prompt)];
  const open = async (held: readonly number[]): Promise<PeerContext> => {
    /** Writes after the first `length` tokens of the prompt that begins so. @returns How many of them it read, and took from its cache. */
    const complete = async (length: number, ids: readonly number[], count: number, onId: (id: number) => void) => {
      const whole = [...held, ...ids];
      const text =
        request.texts[prompts.findIndex((prompt) => String(prompt.slice(0, whole.length)) === String(whole))]!;
      let [read, cached] = [0, 0];
      await engine.createCompletion({
        prompt: text.slice(0, length).join(""),
        max_tokens: count,
        temperature: 0,
        ignore_eos: true,
        cache_prompt: length > held.length && held.length > 0,
        stream: true,
        timings_per_token: true,
        return_tokens: true,
        verbose: true, // for the ids
        onData: ({ timings, __verbose }: Chunk) => {
          if (timings) [read, cached] = [timings.prompt_n, timings.cache_n];
          for (const id of __verbose?.tokens ?? []) onId(id);
        },
      });
      return { read, cached };
    };
    if (held.length > 0) await complete(held.length, [], 1, () => {});
    return {
      async generate(ids, count, onId) {
        const { read, cached } = await complete(held.length + ids.length, ids, count, onId);
        if (read !== ids.length || cached !== held.length) {
          const expected = `${ids.length} after ${held.length}`;
          throw new Error(
            `the prompt was ${read} tokens after ${cached} of its cache, where ${expected} were expected`,
          );
        }
      },
      dispose() {},
    };
  };
  await runTests({ open }, request, tell);
}

/** Its own check says yes to adapters that it then does not use, so what counts is where it says its weights lie. */
function whereItRan(log: readonly string[], asked: boolean, threads: number): string {
  const places = log.flatMap((line) => /(\S+) model buffer size/.exec(line)?.[1] ?? []);
  const wasm = `wasm on the CPU, ${threads} ${threads === 1 ? "thread" : "threads"}`;
  if (places.some((place) => /webgpu/i.test(place))) return "WebGPU";
  return asked ? `${wasm}, though WebGPU was asked for` : wasm;
}
