import { type AnswerEnd, answer } from "../api/answer.js";
import type {
  Answer,
  Chunk,
  FinishReason,
  GenerateOptions,
  Message,
  ModelHandle,
  SessionHandle,
} from "../api/types.js";
import { EngineError } from "../errors.js";
import type { ModelText } from "../text/model-text.js";
import { isLoss, type LivingModel, lostAgain } from "./living-model.js";
import type { LoadedModel } from "./loaded-model.js";
import { Queue } from "./queue.js";
import type { SpeculatedToken, SpeculativeStream } from "./speculative.js";
import { assertTokenIds } from "./token-ids.js";
import { type SamplingOptions, TokenStream } from "./token-stream.js";

/** A conversation: one KV cache, whose common beginning with the next prompt is not computed again. Calls queue. */
export class Session implements SessionHandle {
  readonly #model: LivingModel;
  readonly #text: ModelText;
  /** Where this session's cache is: behind the model once its device was lost, until the session follows. */
  #loaded: LoadedModel;
  #stream: TokenStream;
  /** For the draft that was last asked for. */
  #speculation: SpeculativeStream | undefined;
  readonly #queue = new Queue();
  readonly #onDispose: (session: Session) => void;
  #disposed = false;

  constructor(model: LivingModel, text: ModelText, onDispose: (session: Session) => void) {
    this.#model = model;
    this.#text = text;
    this.#loaded = model.current;
    this.#stream = new TokenStream(this.#loaded);
    this.#onDispose = onDispose;
  }

  chat(messages: readonly Message[], options: GenerateOptions = {}): Answer {
    return answer(() => this.#generate(() => this.#text.renderChat(messages).ids, options));
  }

  generate(prompt: string | readonly number[], options: GenerateOptions = {}): Answer {
    return answer(() =>
      this.#generate(() => (typeof prompt === "string" ? this.#text.encode(prompt) : prompt), options),
    );
  }

  /** Frees the cache, once the answer under way has ended: stop it with its signal. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#onDispose(this);
    void this.#queue.enter().then((leave) => {
      this.#freeStreams();
      leave();
    });
  }

  /** For a model that is being disposed of: frees the cache now. */
  disposeNow(): void {
    if (!this.#disposed) this.#onDispose(this);
    this.#disposed = true;
    this.#freeStreams();
  }

  #freeStreams(): void {
    this.#stream.dispose();
    this.#speculation?.dispose();
    this.#speculation = undefined;
  }

  async #streamWith(draft: ModelHandle | undefined): Promise<TokenStream | SpeculativeStream> {
    if (!draft) return this.#stream;
    // Code that most answers need not fetch.
    const [{ draftModel }, { SpeculativeStream }] = await Promise.all([
      import("./draft-model.js"),
      import("./speculative.js"),
    ]);
    const loaded = await draftModel(draft, this.#text);
    if (this.#speculation?.draft === loaded) return this.#speculation;
    const stream = new SpeculativeStream(this.#loaded, loaded, this.#stream);
    this.#speculation?.dispose();
    this.#speculation = stream;
    return stream;
  }

  /** The session's caches on the device where the model is now; empty where that is another than before. */
  async #follow(): Promise<void> {
    const loaded = await this.#model.live();
    if (loaded === this.#loaded) return;
    this.#freeStreams();
    this.#loaded = loaded;
    this.#stream = new TokenStream(loaded);
  }

  /** Tokens; where the device is lost on the way, the text so far becomes the prompt on the next one. */
  async *#tokens(
    prompt: readonly number[],
    maxTokens: number,
    settings: SamplingOptions,
    { draft, signal }: GenerateOptions,
  ): AsyncGenerator<number | SpeculatedToken | "recovering"> {
    const text = [...prompt];
    for (let before = -1; ; ) {
      const given = text.length - prompt.length;
      if (before >= 0 && signal?.aborted) return;
      if (given > 0 && (given >= maxTokens || text.length >= this.#loaded.contextLength)) return;
      try {
        const stream = await this.#streamWith(draft);
        for await (const token of stream.run([...text], maxTokens - given, settings, signal)) {
          text.push(typeof token === "number" ? token : token.id);
          yield token;
        }
        return;
      } catch (error) {
        if (!(await isLoss(error, this.#loaded.gpu))) throw error;
        if (text.length === before) throw lostAgain();
      }
      before = text.length;
      yield "recovering";
      await untilAborted(this.#follow(), signal);
    }
  }

  async *#generate(promptIds: () => readonly number[], options: GenerateOptions): AsyncGenerator<Chunk, AnswerEnd> {
    if (this.#disposed)
      throw new EngineError("disposed", "This session was disposed of. Start another with model.session().");
    const leave = await this.#queue.enter();
    try {
      return yield* this.#answer(promptIds(), options);
    } finally {
      leave();
    }
  }

  async *#answer(prompt: readonly number[], options: GenerateOptions): AsyncGenerator<Chunk, AnswerEnd> {
    const { maxTokens = Number.POSITIVE_INFINITY, signal } = options;
    assertTokenIds(prompt, this.#loaded.architecture.vocabulary);
    const output = this.#text.stream(options.stop ?? [], options);
    const clock = new Clock();
    const settings = sampling(options);
    if (this.#model.isLost) yield RECOVERING;
    await untilAborted(this.#follow(), signal);
    const cachedTokens = (await this.#streamWith(options.draft)).reusable(prompt);
    let completionTokens = 0;
    let finishReason: FinishReason = signal?.aborted ? "abort" : "length";

    if (!signal?.aborted && maxTokens > 0) {
      for await (const token of this.#tokens(prompt, maxTokens, settings, options)) {
        if (token === "recovering") {
          yield RECOVERING;
          continue;
        }
        const { id, ...origin } = typeof token === "number" ? { id: token } : token;
        clock.token();
        completionTokens++;
        const { text, ended } = output.push(id);
        if (ended) finishReason = "stop";
        else if (signal?.aborted) finishReason = "abort";
        else {
          yield { text, ids: [id], ...origin };
          if (!signal?.aborted) continue;
          finishReason = "abort"; // raised while the consumer held the chunk
          break;
        }
        yield { text, ids: [id], ...origin };
        break;
      }
      // While the prompt, or a text that LongRoPE rotates anew, was computed.
      if (completionTokens === 0 || (signal?.aborted && finishReason === "length")) finishReason = "abort";
    }
    const usage = { promptTokens: prompt.length, cachedTokens, completionTokens };
    const timing = clock.timing(prompt.length - cachedTokens);
    yield { text: output.end(), ids: [], finishReason, usage, timing };
    return { promptIds: [...prompt], finishReason, usage, timing, hasText: this.#text.hasTokenizer };
  }
}

/** Resolves as soon as the signal is raised: what is under way then goes on for the next to ask. */
async function untilAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return work;
  work.catch(() => {}); // told to whoever waits for it still
  const done = new AbortController();
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true, signal: done.signal });
  });
  await Promise.race([work, aborted]);
  done.abort();
}

const RECOVERING: Chunk = { text: "", ids: [], recovering: true };

function sampling({ temperature = 0, topK = 0, topP = 1, minP = 0, seed }: GenerateOptions) {
  const wrong = (name: string, value: number, range: string) =>
    new RangeError(`${name} is ${value}; it must be ${range}.`);
  if (!(temperature >= 0)) throw wrong("temperature", temperature, "0 (greedy) or above");
  if (!(Number.isInteger(topK) && topK >= 0)) throw wrong("topK", topK, "a whole number, 0 to keep all");
  if (!(topP > 0 && topP <= 1)) throw wrong("topP", topP, "above 0 and at most 1");
  if (!(minP >= 0 && minP <= 1)) throw wrong("minP", minP, "from 0 to 1");
  return { temperature, topK, topP, minP, seed: (seed ?? Math.floor(Math.random() * 2 ** 32)) >>> 0 };
}

/** Times of an answer, from when its turn came. */
class Clock {
  readonly #start = performance.now();
  #first = 0;
  #last = 0;
  #tokens = 0;

  token(): void {
    this.#last = performance.now();
    if (this.#tokens++ === 0) this.#first = this.#last;
  }

  timing(computed: number) {
    const prefill = this.#first - this.#start;
    const decode = this.#last - this.#first;
    return {
      timeToFirstTokenMs: this.#tokens > 0 ? prefill : 0,
      prefillTokensPerSecond: this.#tokens > 0 ? (1000 * computed) / prefill : 0,
      decodeTokensPerSecond: decode > 0 ? (1000 * (this.#tokens - 1)) / decode : 0,
    };
  }
}
