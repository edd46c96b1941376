import type { Chunk, GenerateOptions, Message, ModelHandle, SessionHandle, Usage } from "@alambic/engine";
import type { Pair } from "../engine/pair.js";
import { type PerRole, perRole, ROLES, type Role } from "../engine/roles.js";
import { orFail, unlessAborted, untilAborted } from "../engine/waiting.js";
import { replaceAddress } from "../frame/address.js";
import type { PairControl } from "./pair-control.js";
import { RateMeter } from "./rate-meter.js";
import { changed, DEFAULT_SETTINGS, type PairSettings, parted, type Settings, writeSettings } from "./settings.js";
import {
  type Answer,
  type Figures,
  isAnswering,
  isRacing,
  type Store,
  type Trouble,
  type Turn,
  troubleOf,
} from "./store.js";

/** What the user can do in the race. Every change of its turns and settings is made here. */
export class RaceControl {
  readonly #store: Store;
  readonly #pair: PairControl;
  #conversation: Conversation | undefined;
  #racing: AbortController | undefined;

  constructor(store: Store, pair: PairControl) {
    this.#store = store;
    this.#pair = pair;
    pair.onLost((trouble) => this.#breakOff(trouble));
  }

  async send(prompt: string): Promise<void> {
    const { pair } = this.#store.state;
    if (!pair || prompt.trim() === "" || isRacing(this.#store.state)) return;
    const turn: Turn = { prompt: prompt.trim(), answers: perRole(() => WAITING) };
    this.#store.update({ turns: [...this.#store.state.turns, turn] });
    await this.#race(pair);
  }

  /** Asks the last prompt once more; both answers are replaced. */
  async regenerate(): Promise<void> {
    const last = this.#store.state.turns.at(-1);
    if (!last || isRacing(this.#store.state)) return;
    this.#store.update({ turns: this.#store.state.turns.slice(0, -1) });
    await this.send(last.prompt);
  }

  /** Asks something else instead of the last prompt. */
  async edit(prompt: string): Promise<void> {
    if (prompt.trim() === "" || isRacing(this.#store.state)) return;
    this.#store.update({ turns: this.#store.state.turns.slice(0, -1) });
    await this.send(prompt);
  }

  /** Has each model write the beginning of its last answer once more, with the GPU to itself. */
  async measureAlone(): Promise<void> {
    const { pair, turns, settings } = this.#store.state;
    const last = turns.at(-1);
    if (!pair || !last || isRacing(this.#store.state)) return;
    const measuring = new AbortController();
    this.#racing = measuring;
    const { signal } = measuring;
    for (const role of ROLES) {
      const maxTokens = Math.min(last.answers[role].figures.tokens, MEASURED_TOKENS);
      if (signal.aborted || maxTokens < 2) continue;
      this.#changeFigures(role, { alone: "measuring" });
      // The model may end sooner another time: what it writes does not matter here, only how long it takes.
      const options = { ...optionsOf(settings[role], 0), maxTokens, ignoreEos: true, signal };
      const answer = pair.models[role].chat(messagesFor(role, turns, settings[role].system), options);
      try {
        const { timing } = await orFail(unlessAborted(answer.result(), signal), pair.failed);
        this.#changeFigures(role, { alone: timing.decodeTokensPerSecond || undefined });
      } catch (error) {
        measuring.abort();
        this.#changeFigures(role, { alone: undefined });
        if (troubleOf(error).code === "device-lost") this.#pair.lose(error);
      }
    }
    await this.#pair.account();
  }

  stop(): void {
    this.#racing?.abort();
  }

  clear(): void {
    if (!isRacing(this.#store.state)) this.#store.update({ turns: [] });
  }

  changeSettings(role: Role, change: Partial<Settings>): void {
    this.#setSettings(changed(this.#store.state.settings, role, change));
  }

  /** One set of settings for both models, or one each. */
  partSettings(apart: boolean): void {
    this.#setSettings(parted(this.#store.state.settings, apart));
  }

  resetSettings(): void {
    this.#setSettings(DEFAULT_SETTINGS);
  }

  #setSettings(settings: PairSettings): void {
    this.#store.update({ settings });
    replaceAddress((address) => writeSettings(settings, address));
  }

  async #race(pair: Pair): Promise<void> {
    if (this.#conversation?.pair !== pair) {
      const { teacher, student } = pair.models;
      this.#conversation = { pair, sessions: { teacher: teacher.session(), student: student.session() } };
    }
    const { sessions } = this.#conversation;
    const racing = new AbortController();
    this.#racing = racing;
    // Drawn once, so that both models answer with the same one.
    const seed = Math.floor(Math.random() * 2 ** 32);
    await Promise.all(
      ROLES.map((role) =>
        this.#answer({ model: pair.models[role], session: sessions[role] }, role, seed, racing.signal),
      ),
    );
    await this.#pair.account();
  }

  async #answer({ model, session }: Racer, role: Role, seed: number, signal: AbortSignal): Promise<void> {
    const { turns, settings } = this.#store.state;
    const meter = new RateMeter(performance.now());
    try {
      const options = { ...optionsOf(settings[role], seed), signal };
      const answer = session.chat(messagesFor(role, turns, settings[role].system), options);
      for await (const chunk of untilAborted(answer, signal)) {
        if (chunk.usage) this.#changeFigures(role, { bytesPerToken: await bytesPerToken(model, chunk.usage) });
        this.#hear(role, chunk, meter);
      }
      this.#change(role, ({ status, finishReason }) =>
        status === "done" ? {} : { status: "done", finishReason: finishReason ?? "stop" },
      );
    } catch (error) {
      if (signal.aborted) this.#change(role, () => ({ status: "done", finishReason: "abort" }));
      else {
        const trouble = troubleOf(error);
        this.#change(role, () => ({ status: "failed", trouble }));
        if (trouble.code === "device-lost") this.#pair.lose(error);
      }
    }
  }

  #hear(role: Role, { text, ids, recovering, finishReason, timing }: Chunk, meter: RateMeter): void {
    if (recovering) {
      this.#change(role, () => ({ status: "recovering" }));
      return;
    }
    meter.add(ids.length, performance.now());
    const sharedNow = this.#isAnswering(role === "teacher" ? "student" : "teacher");
    this.#change(role, (answer) => ({
      status: finishReason ? "done" : "streaming",
      text: answer.text + text,
      ...(finishReason && { finishReason }),
      figures: {
        ...answer.figures,
        tokens: meter.tokens,
        now: meter.now,
        // The engine's own figure, once it has it, leaves out the way from the worker to the page.
        mean: timing ? timing.decodeTokensPerSecond || undefined : meter.mean,
        // The engine's would leave out the wait for the session's turn, which the user sat through.
        firstTokenMs: meter.firstTokenMs,
        sharedNow,
        shared: answer.figures.shared || sharedNow,
      },
    }));
  }

  #isAnswering(role: Role): boolean {
    const turn = this.#store.state.turns.at(-1);
    return turn !== undefined && isAnswering(turn.answers[role]);
  }

  #change(role: Role, change: (answer: Answer) => Partial<Answer>): void {
    const { turns } = this.#store.state;
    const last = turns.at(-1);
    if (!last) return;
    const answers = { ...last.answers, [role]: { ...last.answers[role], ...change(last.answers[role]) } };
    this.#store.update({ turns: [...turns.slice(0, -1), { ...last, answers }] });
  }

  #changeFigures(role: Role, change: Partial<Figures>): void {
    this.#change(role, ({ figures }) => ({ figures: { ...figures, ...change } }));
  }

  #breakOff(trouble: Trouble): void {
    this.#racing?.abort();
    for (const role of ROLES) {
      if (this.#isAnswering(role)) this.#change(role, () => ({ status: "failed", trouble }));
    }
  }
}

/** The models' sessions, as long as this pair is loaded. */
interface Conversation {
  readonly pair: Pair;
  readonly sessions: PerRole<SessionHandle>;
}

interface Racer {
  readonly model: ModelHandle;
  readonly session: SessionHandle;
}

/** Most tokens by which a model is measured alone. */
const MEASURED_TOKENS = 64;

/** By the account of the model's own plan, in the middle of the answer: weights, and the keys and values so far. */
async function bytesPerToken(model: ModelHandle, { promptTokens, completionTokens }: Usage): Promise<number> {
  const position = promptTokens + Math.floor(completionTokens / 2);
  return (await model.planCosts({ prompt: promptTokens, position })).decode.bytes;
}

const WAITING: Answer = {
  status: "waiting",
  text: "",
  figures: {
    tokens: 0,
    now: undefined,
    mean: undefined,
    firstTokenMs: undefined,
    bytesPerToken: undefined,
    alone: undefined,
    sharedNow: true,
    shared: false,
  },
};

/** The conversation as one model had it: every prompt, and its own answers. */
export function messagesFor(role: Role, turns: readonly Turn[], system: string): Message[] {
  const messages: Message[] = system.trim() === "" ? [] : [{ role: "system", content: system }];
  turns.forEach(({ prompt, answers }, index) => {
    const { text } = answers[role];
    const isLast = index === turns.length - 1;
    // A prompt that this model never answered would put two prompts in a row before it.
    if (!isLast && text === "") return;
    messages.push({ role: "user", content: prompt });
    if (!isLast) messages.push({ role: "assistant", content: text });
  });
  return messages;
}

/** What the settings ask of an answer; `drawn` is its seed where they name none. */
export function optionsOf(settings: Settings, drawn: number): GenerateOptions {
  const { temperature, topK, topP, minP, maxTokens, seed = drawn } = settings;
  return { temperature, topK, topP, minP, maxTokens, seed };
}
