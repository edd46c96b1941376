import * as Comlink from "comlink";
import { answerChunks } from "../answer.js";
import { openEngine } from "../engine.js";
import type { Engine, ModelHandle, SessionHandle } from "../types.js";
import { serialiseError } from "./errors.js";
import type { CallId, EngineService, ModelId, Outcome, SessionId } from "./protocol.js";

/** Answers a page's `connectEngine`. Call it once in a worker's module; `endpoint` is for ports other than the worker's own. */
export function serveEngine(endpoint: Comlink.Endpoint = globalThis as unknown as Comlink.Endpoint): void {
  Comlink.expose(engineService(), endpoint);
}

function engineService(): EngineService {
  let engine: Engine | undefined;
  let nextId = 1;
  const models = new Map<ModelId, ModelHandle>();
  const sessions = new Map<SessionId, SessionHandle>();
  const calls = new Map<CallId, AbortController>();
  const abortedEarly = new Set<CallId>();

  const opened = () => found(engine, "The engine is not open.");
  const model = (id: ModelId) => found(models.get(id), "This model was disposed of. Load it again.");
  const keep = <T>(map: Map<number, T>, value: T) => {
    map.set(nextId, value);
    return nextId++;
  };
  const abortable = async <T>(call: CallId, run: (signal: AbortSignal) => Promise<T>): Promise<Outcome<T>> => {
    const controller = new AbortController();
    calls.set(call, controller);
    if (abortedEarly.delete(call)) controller.abort();
    try {
      return await outcome(() => run(controller.signal));
    } finally {
      calls.delete(call);
    }
  };

  return {
    open: (options) =>
      outcome(async () => {
        engine = await openEngine(options);
        return { adapter: engine.adapter };
      }),
    load: (call, source, options, onProgress) =>
      abortable(call, async (signal) => {
        const loaded = await opened().load(source, { ...options, onProgress, signal });
        return { model: keep(models, loaded), info: loaded.info, report: loaded.report };
      }),
    inspect: (call, source, options) => abortable(call, (signal) => opened().inspect(source, { ...options, signal })),
    anatomy: (call, source) => abortable(call, (signal) => opened().anatomy(source, { signal })),
    examine: (call, source, name) => abortable(call, (signal) => opened().examine(source, name, { signal })),
    compare: (call, teacher, student, ids) =>
      abortable(call, async (signal) => opened().compare(model(teacher), model(student), ids, { signal })),
    session: (id) => outcome(async () => keep(sessions, model(id).session())),
    ask: (call, id, ask, { draft, ...rest }, onChunk) =>
      abortable(call, async (signal) => {
        const options = { ...rest, ...(draft !== undefined && { draft: model(draft) }), signal };
        const session = found(sessions.get(id), "This session was disposed of. Start another with model.session().");
        const answer =
          ask.kind === "chat" ? session.chat(ask.messages, options) : session.generate(ask.prompt, options);
        const chunks = answerChunks(answer);
        // Chunks and the end go through two ports, which keep no order between them: the end waits for the last chunk.
        let heard: unknown;
        for (;;) {
          const { done, value } = await chunks.next();
          if (done) {
            await heard;
            return value;
          }
          heard = onChunk(value);
        }
      }),
    forward: (call, id, ids) => abortable(call, (signal) => model(id).forward(ids, { signal })),
    embed: (call, id, texts, options) => abortable(call, (signal) => model(id).embed(texts, { ...options, signal })),
    loadAdapter: (call, id, source, options) =>
      abortable(call, (signal) => model(id).loadAdapter(source, { ...options, signal })),
    setAdapters: (id, choices) => outcome(() => model(id).setAdapters(choices)),
    unloadAdapter: (id, name) => outcome(() => model(id).unloadAdapter(name)),
    encode: (id, text) => outcome(() => model(id).encode(text)),
    decode: (id, ids) => outcome(() => model(id).decode(ids)),
    renderChat: (id, messages) => outcome(() => model(id).renderChat(messages)),
    planCosts: (id, options) => outcome(async () => model(id).planCosts(options)),
    gpuBytes: () => outcome(() => opened().gpuBytes()),
    abort: (call) => {
      const controller = calls.get(call);
      if (controller) controller.abort();
      else abortedEarly.add(call);
    },
    disposeSession: (id) => {
      sessions.get(id)?.dispose();
      sessions.delete(id);
    },
    disposeModel: (id) => {
      models.get(id)?.dispose();
      models.delete(id);
    },
    dispose: () => engine?.dispose(),
  };
}

function found<T>(value: T | undefined, message: string): T {
  if (value === undefined) throw new Error(message);
  return value;
}

async function outcome<T>(run: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await run() };
  } catch (error) {
    return { error: serialiseError(error) };
  }
}
