import { EngineError } from "../errors.js";
import { isLoss, LivingModel } from "../runtime/living-model.js";
import type { LoadedModel } from "../runtime/loaded-model.js";
import { planCosts } from "../runtime/plan-costs.js";
import { Session } from "../runtime/session.js";
import type { ModelText } from "../text/model-text.js";
import type { SentenceConfig } from "../text/sentence-config.js";
import { type AnswerEnd, answer, answerChunks } from "./answer.js";
import { type LocalLoadOptions, loadModel, type ModelParts } from "./load.js";
import type {
  AdapterChoice,
  AdapterInfo,
  Answer,
  Chunk,
  EmbedOptions,
  EmbedResult,
  ForwardResult,
  GenerateOptions,
  Inspection,
  LoadAdapterOptions,
  LoadReport,
  Message,
  ModelHandle,
  ModelInfo,
  ModelSource,
  PlanCosts,
  PlanCostsOptions,
  SessionHandle,
} from "./types.js";
import type { LocalInspectOptions } from "./verdict.js";

/** A checkpoint on the GPU, ready to answer. */
export class Model implements ModelHandle {
  readonly info: ModelInfo;
  readonly report: LoadReport;
  readonly #model: LivingModel;
  readonly #text: ModelText;
  readonly #sentence: SentenceConfig | undefined;
  readonly #sessions = new Set<Session>();
  #disposed = false;

  /** Use `Model.load`. */
  constructor({ info, report, loaded, reload, text, sentence }: ModelParts) {
    this.info = info;
    this.report = report;
    this.#model = new LivingModel(loaded, reload);
    this.#text = text;
    this.#sentence = sentence;
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

  /**
   * What a checkpoint is and needs, from its headers alone: no weight is fetched. With `verdict: true` or a `gpu` it also says
   * whether it runs on this device and how fast at most; else no GPU is opened.
   */
  static async inspect(source: ModelSource, options: LocalInspectOptions = {}): Promise<Inspection> {
    const { inspect } = await import("./verdict.js"); // apps that only load do without
    return inspect(source, options);
  }

  /** For the engine's own tools; an app has no use for it. */
  get loaded(): LoadedModel {
    this.#assertLive();
    return this.#model.current;
  }

  /** The same on a device that is there: brought back first where it was lost. */
  live(): Promise<LoadedModel> {
    this.#assertLive();
    return this.#model.live();
  }

  session(): SessionHandle {
    this.#assertDecoder();
    const session = new Session(this.#model, this.#text, (ended) => this.#sessions.delete(ended));
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
    this.#assertDecoder();
    const { forward } = await import("../runtime/forward.js");
    return { ids, logits: await this.#run((loaded) => forward(loaded, ids, signal)) };
  }

  async loadAdapter(source: ModelSource, options: LoadAdapterOptions = {}): Promise<AdapterInfo> {
    this.#assertLive();
    const { adapterInfo, loadAdapter } = await import("../adapters/load.js");
    const adapter = await loadAdapter(await this.live(), source, options);
    (await this.live()).adapters.add(adapter);
    return adapterInfo(adapter);
  }

  async setAdapters(choices: readonly AdapterChoice[]): Promise<void> {
    await (await this.live()).adapters.choose(choices);
  }

  async unloadAdapter(name: string): Promise<void> {
    await (await this.live()).adapters.remove(name);
  }

  /**
   * Vectors of texts, a batch at a time: what sentence-transformers gives for the same checkpoint.
   *
   * @throws {@link EngineError} `not-an-encoder` where the checkpoint reads in one direction; RangeError for token ids that
   *   are none, too long or outside the vocabulary.
   */
  async embed(
    texts: readonly (string | readonly number[])[],
    { hidden = false, signal, ...way }: EmbedOptions = {},
  ): Promise<EmbedResult> {
    this.#assertLive();
    const { name, family, embedding } = this.info;
    if (!this.#sentence || !embedding)
      throw new EngineError(
        "not-an-encoder",
        `${name} is a decoder (${family}): its tokens do not see those after them, so it has no embedding of a text. Load an encoder, such as sentence-transformers/all-MiniLM-L6-v2.`,
      );
    const { prompt, lowerCase } = this.#sentence;
    const read = (text: string) => (lowerCase ? `${prompt}${text}`.toLowerCase() : `${prompt}${text}`);
    const ids = texts.map((text) =>
      typeof text === "string" ? this.#text.encodeWithin(read(text), embedding.maxTokens) : text,
    );
    const { pooling = embedding.pooling, normalize = embedding.normalize } = way;
    if (pooling !== "mean" && pooling !== "cls")
      throw new RangeError(`pooling is ${JSON.stringify(pooling)}; it must be "mean" or "cls".`);
    const settings = { pooling, normalize, hidden, signal };
    const { embed } = await import("../runtime/embedder.js");
    const embedded = await this.#run((loaded) => embed(loaded, ids, settings));
    return {
      ids,
      embeddings: embedded.map((each) => each.embedding),
      ...(hidden && { lastHiddenState: embedded.map(({ lastHiddenState = [] }) => lastHiddenState) }),
    };
  }

  /**
   * What a prompt and a token cost at least, from the account that every dispatch carries: each weight and each key and
   * value of the context read once. Divided by what the adapter can do, it is the time that no plan of these dispatches
   * can beat.
   */
  planCosts(options: PlanCostsOptions): PlanCosts {
    this.#assertDecoder();
    return planCosts(this.#model.current, options);
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
    this.#model.dispose();
  }

  /** Does it once more where the device was lost meanwhile. */
  async #run<T>(work: (loaded: LoadedModel) => Promise<T>): Promise<T> {
    const loaded = await this.#model.live();
    try {
      return await work(loaded);
    } catch (error) {
      if (!(await isLoss(error, loaded.gpu))) throw error;
      return work(await this.#model.live());
    }
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

  #assertDecoder(): void {
    this.#assertLive();
    const { name, family, embedding } = this.info;
    if (!embedding) return;
    throw new EngineError(
      "not-a-decoder",
      `${name} is an encoder (${family}): it gives embeddings of texts and continues none. Call embed() (alambic embed), or load a decoder, such as HuggingFaceTB/SmolLM2-135M-Instruct.`,
    );
  }

  #assertLive(): void {
    if (this.#disposed) throw new EngineError("disposed", `${this.info.name} was disposed of. Load it again.`);
  }
}
