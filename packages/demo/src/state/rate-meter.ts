const WINDOW_MS = 2000;

/** Tokens per second of an answer under way, from when its tokens arrived. Times are those of `performance.now()`. */
export class RateMeter {
  readonly #start: number;
  #first: number | undefined;
  /** Tokens that came in the first arrival: they say nothing about the rate, only those after them do. */
  #firstTokens = 0;
  #tokens = 0;
  #recent: { readonly at: number; readonly tokens: number }[] = [];

  constructor(start: number) {
    this.#start = start;
  }

  add(tokens: number, at: number): void {
    if (tokens === 0) return;
    if (this.#first === undefined) {
      this.#first = at;
      this.#firstTokens = tokens;
    }
    this.#tokens += tokens;
    this.#recent.push({ at, tokens });
    // The newest four stay whatever their age, so that a slow device has a rate too.
    while (this.#recent.length > 4 && at - this.#recent[0]!.at > WINDOW_MS) this.#recent.shift();
  }

  get tokens(): number {
    return this.#tokens;
  }

  /** Milliseconds from the start to the first token; `undefined` before it. */
  get firstTokenMs(): number | undefined {
    return this.#first === undefined ? undefined : this.#first - this.#start;
  }

  /** Over the last two seconds; `undefined` before the second arrival. */
  get now(): number | undefined {
    const [oldest] = this.#recent;
    if (!oldest) return undefined;
    return rate(
      this.#recent.reduce((sum, { tokens }) => sum + tokens, -oldest.tokens),
      this.#recent.at(-1)!.at - oldest.at,
    );
  }

  /** Tokens after the first arrival, over the time since it. */
  get mean(): number | undefined {
    if (this.#first === undefined) return undefined;
    return rate(this.#tokens - this.#firstTokens, this.#recent.at(-1)!.at - this.#first);
  }
}

function rate(tokens: number, ms: number): number | undefined {
  return tokens > 0 && ms > 0 ? (1000 * tokens) / ms : undefined;
}
