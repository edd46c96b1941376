import type { ModelHandle } from "./model.js";

export interface Message {
  readonly role: "system" | "user" | "assistant" | "tool" | (string & {});
  readonly content: string;
}

export interface GenerateOptions {
  /** Default: what the context still holds. */
  readonly maxTokens?: number;
  /** 0, the default, is greedy. */
  readonly temperature?: number;
  /** Keep the k likeliest; 0 keeps all. */
  readonly topK?: number;
  /** Keep the smallest set whose probability reaches p; 1 keeps all. */
  readonly topP?: number;
  /** Keep tokens at least this share of the likeliest one's probability; 0 keeps all. */
  readonly minP?: number;
  /** The same seed gives the same text. Default: a random one. */
  readonly seed?: number;
  /** Go on past the tokens that end an answer: for measurements, which want a fixed number of tokens. */
  readonly ignoreEos?: boolean;
  /**
   * A smaller model that proposes tokens, of which this model keeps what it would have written itself: the same text,
   * sooner where the two often agree. Both must be of one engine and share a tokenizer.
   */
  readonly draft?: ModelHandle;
  /** Texts that end the answer; they are not part of it. */
  readonly stop?: readonly string[];
  readonly signal?: AbortSignal;
}

export type FinishReason = "stop" | "length" | "abort";

export interface Usage {
  readonly promptTokens: number;
  /** Of the prompt, tokens whose keys and values were still in the session's cache. */
  readonly cachedTokens: number;
  readonly completionTokens: number;
}

export interface Timing {
  /** From the call to the first token on the host. */
  readonly timeToFirstTokenMs: number;
  /** Prompt tokens really computed, over the time until the first token. */
  readonly prefillTokensPerSecond: number;
  /** Tokens after the first, over the time from the first to the last; 0 when there was only one. */
  readonly decodeTokensPerSecond: number;
}

/** What a draft was worth so far in an answer. */
export interface DraftFigures {
  /** Tokens that the draft has proposed, and how many of them were accepted. */
  readonly proposed: number;
  readonly accepted: number;
  /** Tokens a second with the draft, over those of the model alone at the answer's beginning. Below 1 it is a loss. */
  readonly speedUp?: number;
}

/** What a draft had to do with a token. */
export interface DraftedToken extends DraftFigures {
  /**
   * `accepted`: proposed by the draft. `corrected`: the model's own, where the draft had proposed another. `added`: the
   * model's own, after proposals that were all accepted. `alone`: from the beginning, which the model decodes by
   * itself so that the gain can be told.
   */
  readonly origin: "accepted" | "corrected" | "added" | "alone";
  /** The token that was corrected. */
  readonly proposal?: number;
}

export interface Chunk {
  readonly text: string;
  readonly ids: readonly number[];
  /** On a chunk without text: the device was lost, and the answer goes on once the weights are on another. */
  readonly recovering?: true;
  /** With a draft, on each chunk that has a token. */
  readonly draft?: DraftedToken;
  /** On the last chunk only, with usage and timing. */
  readonly finishReason?: FinishReason;
  readonly usage?: Usage;
  readonly timing?: Timing;
}

/** A finished answer. */
export interface Generation {
  readonly promptIds: readonly number[];
  readonly ids: readonly number[];
  /** `null` where the checkpoint has no tokenizer. */
  readonly text: string | null;
  readonly finishReason: FinishReason;
  readonly usage: Usage;
  readonly timing: Timing;
  /** Where there was a draft. */
  readonly draft?: DraftFigures;
}

/** An answer under way: iterate over its chunks, or await the whole. Starts at the first of either. */
export interface Answer extends AsyncIterable<Chunk> {
  text(): Promise<string>;
  result(): Promise<Generation>;
}

/** A conversation with its own KV cache. Calls on it queue; sessions of one model interleave. */
export interface SessionHandle {
  chat(messages: readonly Message[], options?: GenerateOptions): Answer;
  /** Continues a raw text, or token ids where there is no tokenizer. */
  generate(prompt: string | readonly number[], options?: GenerateOptions): Answer;
  dispose(): void;
}
