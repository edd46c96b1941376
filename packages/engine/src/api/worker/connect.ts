import * as Comlink from "comlink";
import { type AnswerEnd, answer } from "../answer.js";
import type {
  Chunk,
  Engine,
  GenerateOptions,
  LoadReport,
  ModelHandle,
  ModelInfo,
  ModelSource,
  SessionHandle,
} from "../types.js";
import { reviveError } from "./errors.js";
import type {
  Ask,
  CallId,
  EngineService,
  ModelId,
  Outcome,
  RemoteGenerateOptions,
  RemoteGpuOptions,
  SessionId,
} from "./protocol.js";

type Service = Comlink.Remote<EngineService>;

/**
 * The engine of a worker that runs `serveEngine()`, with the interface of `openEngine`: the page never waits for it.
 *
 * @throws {@link NoWebGpuError} where the worker finds no WebGPU.
 */
export async function connectEngine(worker: Worker | MessagePort, options: RemoteGpuOptions = {}): Promise<Engine> {
  const service = Comlink.wrap<EngineService>(worker as Comlink.Endpoint);
  const { adapter } = unwrap(await crashed(worker, service.open(options)));
  const remoteModels = new WeakMap<ModelHandle, ModelId>();
  const idOf = (model: ModelHandle, use = "compare needs two models") => {
    const id = remoteModels.get(model);
    if (id === undefined) throw new TypeError(`${use} that this engine loaded.`);
    return id;
  };
  return {
    adapter,
    async load(source, { signal, onProgress, ...rest } = {}) {
      signal?.throwIfAborted();
      const progress = Comlink.proxy(onProgress ?? (() => {}));
      const loaded = await abortable(service, signal, (call) => service.load(call, portable(source), rest, progress));
      const model = remoteModel(service, loaded, (draft) => idOf(draft, "The draft must be a model"));
      remoteModels.set(model, loaded.model);
      return model;
    },
    inspect: (source, { signal, ...rest } = {}) =>
      abortable(service, signal, (call) => service.inspect(call, portable(source), rest)),
    anatomy: (source, { signal } = {}) => abortable(service, signal, (call) => service.anatomy(call, portable(source))),
    examine: (source, name, { signal } = {}) =>
      abortable(service, signal, (call) => service.examine(call, portable(source), name)),
    compare: async (teacher, student, ids, { signal } = {}) => {
      const [first, second] = [idOf(teacher), idOf(student)];
      return abortable(service, signal, (call) => service.compare(call, first, second, ids));
    },
    gpuBytes: async () => unwrap(await service.gpuBytes()),
    dispose: () => void service.dispose(),
  };
}

interface LoadedRemotely {
  readonly model: ModelId;
  readonly info: ModelInfo;
  readonly report: LoadReport;
}

/** Names a draft for the worker. */
type DraftId = (draft: ModelHandle) => ModelId;

function remoteModel(service: Service, { model: id, info, report }: LoadedRemotely, draftId: DraftId): ModelHandle {
  const session = () =>
    remoteSession(
      service,
      service.session(id).then((opened) => unwrap(opened)),
      draftId,
    );
  const once = (ask: Ask, options: GenerateOptions) =>
    answer(async function* () {
      const own = session();
      try {
        return yield* own.ask(ask, options);
      } finally {
        own.dispose();
      }
    });
  return {
    info,
    report,
    session,
    chat: (messages, options = {}) => once({ kind: "chat", messages }, options),
    generate: (prompt, options = {}) => once({ kind: "generate", prompt }, options),
    forward: (ids, { signal } = {}) => abortable(service, signal, (call) => service.forward(call, id, ids)),
    embed: (texts, { signal, ...options } = {}) =>
      abortable(service, signal, (call) => service.embed(call, id, texts, options)),
    loadAdapter: (source, { signal, ...rest } = {}) =>
      abortable(service, signal, (call) => service.loadAdapter(call, id, portable(source), rest)),
    setAdapters: async (choices) => unwrap(await service.setAdapters(id, choices)),
    unloadAdapter: async (name) => unwrap(await service.unloadAdapter(id, name)),
    encode: async (text) => unwrap(await service.encode(id, text)),
    decode: async (ids) => unwrap(await service.decode(id, ids)),
    renderChat: async (messages) => unwrap(await service.renderChat(id, messages)),
    planCosts: async (options) => unwrap(await service.planCosts(id, options)),
    dispose: () => void service.disposeModel(id),
  };
}

interface RemoteSession extends SessionHandle {
  ask(ask: Ask, options: GenerateOptions): AsyncGenerator<Chunk, AnswerEnd>;
}

function remoteSession(service: Service, id: Promise<SessionId>, draftId: DraftId): RemoteSession {
  const ask = (question: Ask, { draft, ...options }: GenerateOptions) =>
    streamAnswer(service, id, question, { ...options, ...(draft && { draft: draftId(draft) }) });
  return {
    ask,
    chat: (messages, options = {}) => answer(() => ask({ kind: "chat", messages }, options)),
    generate: (prompt, options = {}) => answer(() => ask({ kind: "generate", prompt }, options)),
    dispose: () => void id.then((session) => service.disposeSession(session)),
  };
}

/** Chunks as they arrive. A consumer that stops reading aborts the call, as it would without a worker. */
async function* streamAnswer(
  service: Service,
  session: Promise<SessionId>,
  ask: Ask,
  { signal, ...options }: RemoteGenerateOptions & Pick<GenerateOptions, "signal">,
): AsyncGenerator<Chunk, AnswerEnd> {
  const arrived: Chunk[] = [];
  let wake = () => {};
  const onChunk = Comlink.proxy((chunk: Chunk) => {
    arrived.push(chunk);
    wake();
  });
  const stop = new AbortController();
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const id = await session;
  let done = false;
  const end = abortable(service, either, (call) => service.ask(call, id, ask, options, onChunk)).finally(() => {
    done = true;
    wake();
  });
  end.catch(() => {}); // awaited below; a consumer that stopped reading must not leave a rejection unhandled
  try {
    while (!done || arrived.length > 0) {
      const chunk = arrived.shift();
      if (chunk) yield chunk;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
    return await end;
  } finally {
    stop.abort();
  }
}

let nextCall: CallId = 1;

async function abortable<T>(
  service: Service,
  signal: AbortSignal | undefined,
  run: (call: CallId) => Promise<Outcome<T>>,
): Promise<T> {
  const call = nextCall++;
  const abort = () => void service.abort(call);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    return unwrap(await run(call));
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

function unwrap<T>(outcome: Outcome<T>): T {
  if (outcome.error) throw reviveError(outcome.error);
  return outcome.value as T;
}

/** A worker whose script fails to load answers nothing: its error event is the answer. */
function crashed<T>(worker: Worker | MessagePort, answered: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    worker.addEventListener("error", (event) => {
      const { message = "" } = event as Partial<ErrorEvent>;
      reject(
        new Error(
          `The engine's worker could not start${message && `: ${message}`}. Check that its script is served and calls serveEngine().`,
        ),
      );
    });
    answered.then(resolve, reject);
  });
}

/** What can cross to a worker, whose own address is another than the page's. */
function portable(source: ModelSource): ModelSource {
  if (source instanceof URL) return source.href;
  const page = globalThis.location?.href;
  if (typeof source === "string") return page && /^\.{0,2}\//.test(source) ? new URL(source, page).href : source;
  if ("read" in source)
    throw new TypeError(
      "A source of one's own cannot cross to a worker. Pass an address, a Hub id or files, or load without a worker.",
    );
  return source;
}
