export interface StopStep {
  /** Text that is certainly part of the answer. */
  readonly text: string;
  /** A stop string was met: the answer is over. */
  readonly stopped: boolean;
}

/**
 * Ends a streamed text at the first of several strings. Text that may turn out to be the start of one is held back until
 * that is decided, so neither a stop string nor a part of one is ever shown.
 *
 * The string that is complete first wins, wherever the stream is cut into pieces; of two complete at the same character,
 * the longer.
 */
export class StopStrings {
  readonly #stops: readonly string[];
  #held = "";
  #stopped = false;

  /** @throws RangeError for an empty string, which would end every answer before its first word. */
  constructor(stops: readonly string[]) {
    if (stops.includes(""))
      throw new RangeError("A stop string is empty; it would end every answer at once. Leave it out.");
    this.#stops = stops;
  }

  /** Takes the next piece of the stream. After a stop, nothing more comes out. */
  push(piece: string): StopStep {
    if (this.#stopped) return { text: "", stopped: true };
    const text = this.#held + piece;
    const end = this.#firstStop(text);
    if (end !== undefined) {
      this.#stopped = true;
      this.#held = "";
      return { text: text.slice(0, end), stopped: true };
    }
    const safe = text.length - this.#pending(text);
    this.#held = text.slice(safe);
    return { text: text.slice(0, safe), stopped: false };
  }

  /** What was held back, when the stream ends otherwise. */
  flush(): string {
    const text = this.#held;
    this.#held = "";
    return text;
  }

  /** Where the answer ends: the start of the stop string that is complete first. */
  #firstStop(text: string): number | undefined {
    let best: { start: number; end: number } | undefined;
    for (const stop of this.#stops) {
      const start = text.indexOf(stop);
      if (start < 0) continue;
      const end = start + stop.length;
      if (!best || end < best.end || (end === best.end && start < best.start)) best = { start, end };
    }
    return best?.start;
  }

  /** Characters at the end of the text with which a stop string could begin. */
  #pending(text: string): number {
    let longest = 0;
    for (const stop of this.#stops) {
      for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) {
        if (text.endsWith(stop.slice(0, length))) longest = length;
      }
    }
    return longest;
  }
}
