import type { Engine, FinishReason, ModelInfo } from "@alambic/engine";
import { type Choice, choicesOf } from "../engine/choice.js";
import type { Pair, PairProgress } from "../engine/pair.js";
import type { PerRole } from "../engine/roles.js";
import type { Support } from "../engine/support.js";
import { type PairSettings, settingsOf } from "./settings.js";

/** An error as the page keeps it: the engine's code, by which the page finds its own words, and the engine's message. */
export interface Trouble {
  readonly code: string | undefined;
  readonly message: string;
}

/** Where the pair is on its way to the GPU. */
export type Phase =
  | { readonly kind: "checking" }
  | { readonly kind: "unsupported" }
  /** Nothing loaded; `stoppedAt` after a load that the user stopped. */
  | { readonly kind: "idle"; readonly stoppedAt?: PairProgress }
  | { readonly kind: "loading"; readonly progress: PairProgress | undefined }
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly trouble: Trouble }
  | { readonly kind: "lost"; readonly trouble: Trouble };

/** What an answer cost in time. Rates are in tokens per second. */
export interface Figures {
  readonly tokens: number;
  readonly now: number | undefined;
  readonly mean: number | undefined;
  readonly firstTokenMs: number | undefined;
  /** What one token reads from memory at least, half way through the answer. */
  readonly bytesPerToken: number | undefined;
  /** The mean once more, of this model with the GPU to itself; where the user asked for it. */
  readonly alone: number | "measuring" | undefined;
  /** Whether the other model was answering on the same GPU: now, and at any time of this answer. */
  readonly sharedNow: boolean;
  readonly shared: boolean;
}

export interface Answer {
  /** `recovering`: the GPU was lost, and the answer goes on once the weights are on it again. */
  readonly status: "waiting" | "streaming" | "recovering" | "done" | "failed";
  readonly text: string;
  readonly figures: Figures;
  readonly finishReason?: FinishReason;
  readonly trouble?: Trouble;
}

/** One prompt and what each model made of it. */
export interface Turn {
  readonly prompt: string;
  readonly answers: PerRole<Answer>;
}

/** Everything the page shows. Components read it; only the controls beside this file write it. */
export interface State {
  readonly support: Support | undefined;
  readonly phase: Phase;
  /** Bytes that the browser keeps for this site, where too few for the pair to be kept. */
  readonly room: number | undefined;
  /** What stands, or will stand, on each side. */
  readonly choices: PerRole<Choice>;
  /** The loaded models, there for every view; only in the phase `ready`. */
  readonly pair: Pair | undefined;
  readonly adapter: Engine["adapter"] | undefined;
  readonly models: PerRole<ModelInfo> | undefined;
  /** Bytes on the GPU of models and conversations together. */
  readonly gpuBytes: number;
  readonly turns: readonly Turn[];
  readonly settings: PairSettings;
}

export function isAnswering(answer: Answer): boolean {
  return answer.status !== "done" && answer.status !== "failed";
}

/** Whether the models are at work on the last prompt: answering it, or being measured on it. */
export function isRacing({ turns }: Pick<State, "turns">): boolean {
  const answers = turns.at(-1)?.answers;
  if (!answers) return false;
  return [answers.teacher, answers.student].some((each) => isAnswering(each) || each.figures.alone === "measuring");
}

/** Whether the models are being brought back after the GPU was lost. */
export function isRecovering({ turns }: Pick<State, "turns">): boolean {
  const answers = turns.at(-1)?.answers;
  return answers?.teacher.status === "recovering" || answers?.student.status === "recovering";
}

const FRAME_MS = 16;

/** State, and who wants to know of its changes: at most once a frame, however fast the tokens come. */
export class Store {
  #state: State;
  readonly #listeners = new Set<() => void>();
  #scheduled = false;

  /** `address`: what the page opened with, which names models and settings. */
  constructor(address: URL) {
    this.#state = {
      support: undefined,
      phase: { kind: "checking" },
      room: undefined,
      choices: choicesOf(address),
      pair: undefined,
      adapter: undefined,
      models: undefined,
      gpuBytes: 0,
      turns: [],
      settings: settingsOf(address),
    };
  }

  get state(): State {
    return this.#state;
  }

  update(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    if (this.#scheduled) return;
    this.#scheduled = true;
    // Not requestAnimationFrame: it stands still in a hidden tab, and where the models keep a software adapter busy.
    setTimeout(() => {
      this.#scheduled = false;
      for (const listener of this.#listeners) listener();
    }, FRAME_MS);
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** An error as the page keeps it. */
export function troubleOf(error: unknown): Trouble {
  const { code } = (error ?? {}) as { code?: unknown };
  return {
    code: typeof code === "string" ? code : undefined,
    message: error instanceof Error ? error.message : String(error),
  };
}
