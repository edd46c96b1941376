import { connectEngine, type Engine, type ModelHandle, type ModelInfo, type SessionHandle } from "@alambic/engine";
import { EMBEDDED, PAIR_BYTES, type PerRole, ROLES, type Role } from "./roles.js";

/** The one file that talks to the engine: a teacher and a student, each with a conversation of its own, on one device. */
export interface Pair {
  readonly adapter: Engine["adapter"];
  readonly info: PerRole<ModelInfo>;
  readonly sessions: PerRole<SessionHandle>;
  gpuBytes(): Promise<number>;
  /** Resolves, never rejects, when the worker breaks down. */
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
  const failed = new Promise<Error>((resolve) => {
    worker.addEventListener("error", ({ message }) => resolve(new Error(message || "The engine's worker broke down.")));
  });
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
    return pairOf(worker, engine, failed, models as Record<Role, ModelHandle>);
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

function pairOf(worker: Worker, engine: Engine, failed: Promise<Error>, models: PerRole<ModelHandle>): Pair {
  const { teacher, student } = models;
  return {
    adapter: engine.adapter,
    info: { teacher: teacher.info, student: student.info },
    sessions: { teacher: teacher.session(), student: student.session() },
    gpuBytes: () => engine.gpuBytes(),
    failed,
    dispose() {
      engine.dispose();
      worker.terminate();
    },
  };
}

/** Stopping is at once, whatever the worker is at: it is ended then anyway. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}

/** A worker that breaks down answers nothing any more: without this the wait would have no end. */
function orFail<T>(promise: Promise<T>, failed: Promise<Error>): Promise<T> {
  return Promise.race([promise, failed.then((error) => Promise.reject(error))]);
}
