import { connectEngine, type Engine, type ModelHandle, type ModelInfo } from "@alambic/engine";
import { EMBEDDED, PAIR_BYTES, type PerRole, ROLES, type Role } from "./roles.js";
import { orFail, unlessAborted } from "./waiting.js";

/** A teacher and a student on one device, in one worker. Every view works with the same two. */
export interface Pair {
  readonly engine: Engine;
  readonly models: PerRole<ModelHandle>;
  readonly info: PerRole<ModelInfo>;
  /** Resolves, never rejects, when the worker breaks down or is ended. Calls under way then answer nothing: see `orFail` in waiting.ts. */
  readonly failed: Promise<Error>;
  /** Frees the device and ends the worker. */
  dispose(): void;
}

export interface PairProgress {
  readonly phase: "download" | "compile";
  /** Bytes so far of all that the pair takes. */
  readonly loaded: number;
  readonly total: number;
}

export interface OpenPairOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: PairProgress) => void;
}

/** Starts the engine in a worker and loads the embedded pair from the site itself, one model after the other. */
export async function openPair({ signal, onProgress }: OpenPairOptions): Promise<Pair> {
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
    let before = 0;
    for (const role of ROLES) {
      models[role] = await unlessAborted(orFail(loadOne(engine, role, before, { signal, onProgress }), failed), signal);
      before += EMBEDDED[role].bytes;
    }
    const { teacher, student } = models as Record<Role, ModelHandle>;
    return {
      engine,
      models: { teacher, student },
      info: { teacher: teacher.info, student: student.info },
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

function loadOne(
  engine: Engine,
  role: Role,
  before: number,
  { signal, onProgress }: OpenPairOptions,
): Promise<ModelHandle> {
  const { folder, bytes, weightBytes } = EMBEDDED[role];
  return engine.load(new URL(`models/${folder}/`, document.baseURI), {
    signal,
    onProgress: ({ phase, loaded }) => {
      // The engine counts weights; headers, tokenizer and configuration come before them.
      const others = phase === "headers" ? 0 : bytes - weightBytes;
      const ofThis = phase === "ready" ? bytes : others + Math.min(loaded, weightBytes);
      onProgress({ phase: phase === "compile" ? "compile" : "download", loaded: before + ofThis, total: PAIR_BYTES });
    },
  });
}
