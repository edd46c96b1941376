import type { DraftOutcome } from "@alambic/kernels";
import type { DraftedToken } from "../api/types.js";

/** Keeps count of what a draft is worth while an answer comes. Times are milliseconds of one clock. */
export class DraftAccount {
  #proposed = 0;
  #accepted = 0;
  #aloneTokens = 0;
  #aloneFirst = 0;
  #aloneLast = 0;
  #begin = 0;
  #tokens = 0;

  /** A token that the model decoded by itself. */
  alone(now: number): DraftedToken {
    if (this.#aloneTokens++ === 0) this.#aloneFirst = now;
    this.#aloneLast = now;
    return { origin: "alone", ...this.#soFar(now) };
  }

  /** Rounds begin: what the draft took to read the text so far is not counted, as that of the prompt is not. */
  begin(now: number): void {
    this.#begin = now;
  }

  *round(
    { proposals, accepted, refused, tokens }: DraftOutcome,
    now: number,
  ): Generator<{ id: number; draft: DraftedToken }> {
    this.#proposed += proposals;
    this.#accepted += accepted;
    this.#tokens += tokens.length;
    const soFar = this.#soFar(now);
    for (const [index, id] of tokens.entries()) {
      if (index < accepted) yield { id, draft: { origin: "accepted", ...soFar } };
      else if (refused !== undefined) yield { id, draft: { origin: "corrected", proposal: refused, ...soFar } };
      else yield { id, draft: { origin: "added", ...soFar } };
    }
  }

  #soFar(now: number) {
    const aloneMs = (this.#aloneLast - this.#aloneFirst) / (this.#aloneTokens - 1);
    const draftMs = (now - this.#begin) / this.#tokens;
    const known = this.#aloneTokens > 1 && this.#tokens > 0 && draftMs > 0;
    return { proposed: this.#proposed, accepted: this.#accepted, ...(known && { speedUp: aloneMs / draftMs }) };
  }
}
