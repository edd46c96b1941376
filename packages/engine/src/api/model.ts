import { EngineError } from "../errors.js";
import { forward } from "../runtime/forward.js";
import type { LoadedModel } from "../runtime/loaded-model.js";
import { planCosts } from "../runtime/plan-costs.js";
import { Session } from "../runtime/session.js";
import type { ModelText } from "../text/model-text.js";
import { type AnswerEnd, answer, answerChunks } from "./answer.js";
import { inspect } from "./inspect.js";
import { type LocalLoadOptions, loadModel, type ModelParts } from "./load.js";
import type {
  Answer,
  Chunk,
  ForwardResult,
  GenerateOptions,
  Inspection,
  Message,
  ModelHandle,
  ModelInfo,
  ModelSource,
  PlanCosts,
  PlanCostsOptions,
  SessionHandle,
  TuningOutcome,
} from "./types.js";

/** A checkpoint on the GPU, ready to answer. */
export class Model implements ModelHandle {
  readonly info: ModelInfo;
  readonly report: TuningOutcome;
  readonly #loaded: LoadedModel;
  readonly #text: ModelText;
  readonly #sessions = new Set<Session>();
  #disposed = false;

  /** Use `Model.load`. */
  constructor({ info, report, loaded, text }: ModelParts) {
    this.info = info;
    this.report = report;
    this.#loaded = loaded;
    this.#text = text;
  }

  /**
   * Loads a checkpoint.
   *
   * @param source - A folder (Node), an http(s) URL, a Hub id, dropped files, or a reader of ranges.
   * @throws {@link SourceError}, {@link CheckpointError} or {@link ConfigError} saying what was found and what to do;
   *   the signal's reason when aborted. Whatever was allocated is given back.
   */
  static async load(source: ModelSource, options: LocalLoadOptions = {}): Promise<Model> {
    return new Model(await loadModel(source, options));
  }

  /** What a checkpoint is and needs, from its headers alone: no weight is fetched and no GPU is opened. */
  static inspect(source: ModelSource, options: { readonly signal?: AbortSignal } = {}): Promise<Inspection> {
    return inspect(source, options);
  }

  /** For the engine's own tools; an app has no use for it. */
  get loaded(): LoadedModel {
    this.#assertLive();
    return this.#loaded;
  }

  session(): SessionHandle {
    this.#assertLive();
    const session = new Session(this.#loaded, this.#text, (ended) => this.#sessions.delete(ended));
    this.#sessions.add(session);
    return session;
  }

  chat(messages: readonly Message[], options: GenerateOptions = {}): Answer {
    return this.#once((session) => session.chat(messages, options));
  }

  generate(prompt: string | readonly number[], options: GenerateOptions = {}): Answer {
    return this.#once((session) => session.generate(prompt, options));
  }

  async forward(ids: readonly number[], { signal }: { readonly signal?: AbortSignal } = {}): Promise<ForwardResult> {
    this.#assertLive();
    return { ids, logits: await forward(this.#loaded, ids, signal) };
  }

  /**
   * What a prompt and a token cost at least, from the account that every dispatch carries: each weight and each key and
   * value of the context read once. Divided by what the adapter can do, it is the time that no plan of these dispatches
   * can beat.
   */
  planCosts(options: PlanCostsOptions): PlanCosts {
    this.#assertLive();
    return planCosts(this.#loaded, options);
  }

  async encode(text: string): Promise<number[]> {
    return this.#text.encode(text);
  }

  async decode(ids: readonly number[]): Promise<string> {
    return this.#text.decode(ids);
  }

  async renderChat(messages: readonly Message[]): Promise<{ text: string; ids: number[] }> {
    return this.#text.renderChat(messages);
  }

  /** Gives back every byte: weights, activations, and the caches of all sessions. Stop answers under way first. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const session of [...this.#sessions]) session.disposeNow();
    this.#loaded.dispose();
  }

  #once(ask: (session: SessionHandle) => Answer): Answer {
    const open = () => this.session();
    return answer(async function* (): AsyncGenerator<Chunk, AnswerEnd> {
      const session = open();
      try {
        return yield* answerChunks(ask(session));
      } finally {
        session.dispose();
      }
    });
  }

  #assertLive(): void {
    if (this.#disposed) throw new EngineError("disposed", `${this.info.name} was disposed of. Load it again.`);
  }
}
