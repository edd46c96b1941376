/** Most tokens that a draft proposes at once. */
export const MAX_LOOKAHEAD = 7;

/**
 * How many tokens the draft is to propose next: two more after a round that was accepted whole, one fewer after any
 * other. The schedule of assisted generation in Hugging Face transformers; bounded, because the pass that judges has a
 * fixed number of rows.
 */
export class Lookahead {
  #tokens = 4;

  get tokens(): number {
    return this.#tokens;
  }

  round(proposals: number, accepted: number): void {
    // A round cut short by the end of the context or the budget says nothing about longer ones.
    if (proposals < this.#tokens && accepted === proposals) return;
    this.#tokens = accepted === proposals ? Math.min(this.#tokens + 2, MAX_LOOKAHEAD) : Math.max(this.#tokens - 1, 1);
  }
}
