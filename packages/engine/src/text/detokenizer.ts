import type { Tokenizer } from "./tokenizer.js";

/** A character spread over more tokens than this does not exist: UTF-8 has at most four bytes. */
const LONGEST_CHARACTER = 4;

/** What the decoder shows for bytes that make no character, or not yet. */
const REPLACEMENT = "\u{FFFD}";

/**
 * Text from tokens as they come. A token may hold half a character, and a word's leading space may depend on what came
 * before it; only text that no later token can change is given out, and all pieces together are `decode` of all ids.
 *
 * Each step decodes a window of a few tokens, not the whole answer: those of the piece before, for context, and those
 * not yet given out. A step's cost does not grow with the answer.
 */
export class Detokenizer {
  readonly #tokenizer: Tokenizer;
  /** Tokens whose text may still change, after those that give them their context. */
  #window: number[] = [];
  /** How many tokens at the window's front are context. */
  #context = 0;
  /** Characters of the window's text that were given out, the context's included. */
  #given = 0;

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  /** Takes tokens; gives the text that is now certain, often one token late, possibly empty. */
  push(...ids: readonly number[]): string {
    let text = "";
    for (const id of ids) text += this.#push(id);
    return text;
  }

  /** The rest, when no token follows: half a character comes out as U+FFFD. Ready for a new text afterwards. */
  flush(): string {
    const rest = this.#decode(this.#window).slice(this.#given);
    this.#window = [];
    this.#context = 0;
    this.#given = 0;
    return rest;
  }

  #push(id: number): string {
    if (!this.#tokenizer.hasText(id)) return "";
    this.#window.push(id);
    const text = this.#decode(this.#window);
    const open = text.endsWith(REPLACEMENT);
    const certain = open ? text.length - REPLACEMENT.length : text.length;
    const piece = text.slice(this.#given, certain);
    this.#given = Math.max(this.#given, certain);
    if (open) this.#breakUp(text);
    else if (piece !== "") this.#advance();
    return piece;
  }

  /** Everything in the window is settled: its new tokens become the context of the next ones. */
  #advance(): void {
    this.#window = this.#window.slice(this.#context);
    this.#context = this.#window.length;
    this.#given = this.#decode(this.#window).length;
  }

  /** A long run of bytes that are no text would never settle: let go of the front that decodes by itself. */
  #breakUp(text: string): void {
    if (this.#window.length <= this.#context + 2 * LONGEST_CHARACTER) return;
    for (let tail = LONGEST_CHARACTER; tail > 0; tail--) {
      const cut = this.#window.length - tail;
      const front = this.#decode(this.#window.slice(0, cut));
      const back = this.#window.slice(cut);
      if (front + this.#decode(back) !== text) continue;
      this.#window = back;
      this.#context = 0;
      this.#given = Math.max(0, this.#given - front.length);
      return;
    }
  }

  #decode(ids: readonly number[]): string {
    return this.#tokenizer.decode(ids);
  }
}
