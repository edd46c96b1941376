import { connectEngine, type Engine, type ModelHandle, type ModelInfo } from "@alambic/engine";
import { bytesOfChoice, type Choice, nameOfChoice } from "./choice.js";
import { sourceOf } from "./origin.js";
import { EMBEDDED, type PerRole, perRole, ROLES, type Role } from "./roles.js";
import { orFail, unlessAborted } from "./waiting.js";

/** A teacher and a student on one device, in one worker. Every view works with the same two. */
export interface Pair {
  readonly engine: Engine;
  readonly models: PerRole<ModelHandle>;
  readonly info: PerRole<ModelInfo>;
  /** As the page calls them. */
  readonly names: PerRole<string>;
  /** Resolves, never rejects, when the worker breaks down or is ended. Calls under way then answer nothing: see `orFail` in waiting.ts. */
  readonly failed: Promise<Error>;
  /** Frees the device and ends the worker. */
  dispose(): void;
}

export interface PairProgress {
  readonly phase: "tune" | "download" | "compile";
  /** Bytes so far of all that the pair takes. */
  readonly loaded: number;
  readonly total: number;
  /** While kernels are chosen for this GPU: problems decided, of so many. */
  readonly tried?: Tried | undefined;
}

interface Tried {
  readonly done: number;
  readonly of: number;
}

export interface OpenPairOptions {
  readonly choices: PerRole<Choice>;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: PairProgress) => void;
}

/** Starts the engine in a worker and loads both models, one after the other. */
export async function openPair({ choices, signal, onProgress }: OpenPairOptions): Promise<Pair> {
  const worker = new Worker(new URL("../engine.worker.ts", import.meta.url), {
    type: "module",
    name: "alambic-engine",
  });
  let fail: (error: Error) => void = () => {};
  const failed = new Promise<Error>((resolve) => {
    fail = resolve;
  });
  worker.addEventListener("error", ({ message }) => fail(new Error(message || "The engine's worker broke down.")));
  let opened: Engine | undefined;
  try {
    const engine = await unlessAborted(orFail(connectEngine(worker), failed), signal);
    opened = engine;
    const models: Partial<Record<Role, ModelHandle>> = {};
    const total = ROLES.reduce((sum, role) => sum + bytesOfChoice(choices[role]), 0);
    let before = 0;
    for (const role of ROLES) {
      const choice = choices[role];
      const report = (phase: PairProgress["phase"], loaded: number, tried?: Tried) =>
        onProgress({ phase, loaded: before + loaded, total, tried });
      models[role] = await unlessAborted(orFail(loadOne(engine, choice, signal, report), failed), signal);
      before += bytesOfChoice(choice);
    }
    const { teacher, student } = models as Record<Role, ModelHandle>;
    return {
      engine,
      models: { teacher, student },
      info: { teacher: teacher.info, student: student.info },
      names: perRole((role) => nameOfChoice(choices[role])),
      failed,
      dispose() {
        engine.dispose();
        worker.terminate();
        fail(new DOMException("The models were unloaded.", "AbortError"));
      },
    };
  } catch (error) {
    opened?.dispose();
    worker.terminate();
    throw error;
  }
}

async function loadOne(
  engine: Engine,
  choice: Choice,
  signal: AbortSignal,
  report: (phase: PairProgress["phase"], loaded: number, tried?: Tried) => void,
): Promise<ModelHandle> {
  const { origin, quantize } = choice;
  const bytes = bytesOfChoice(choice);
  const weightBytes = origin.kind === "embedded" ? EMBEDDED[origin.role].weightBytes : bytes;
  const model = await engine.load(sourceOf(origin), {
    quantize,
    signal,
    onProgress: ({ phase, loaded, total }) => {
      if (phase === "tune") return report("tune", bytes - weightBytes, { done: loaded, of: total });
      // The engine counts weights; headers, tokenizer and configuration come before them.
      const others = phase === "headers" ? 0 : bytes - weightBytes;
      const ofThis = phase === "ready" ? bytes : others + Math.min(loaded, weightBytes);
      report(phase === "compile" ? "compile" : "download", ofThis);
    },
  });
  if (model.info.chat) return model;
  model.dispose();
  throw Object.assign(new Error(`${model.info.name} has no chat template: it cannot answer a prompt here.`), {
    code: "no-chat",
  });
}
