import { css, html, nothing, type PropertyValues } from "lit";
import { guard } from "lit/directives/guard.js";
import { Localized } from "../i18n/localized.js";
import { shared } from "../parts/styles.js";
import { tokenStyles } from "./token-line.styles.js";
import { visible } from "./visible.js";

/** A token as it is drawn. */
export interface LineToken {
  readonly text: string;
  /** Of token-line.styles.ts. */
  readonly look: string;
  /** For those who hear it. */
  readonly name: string;
}

/**
 * A text whose tokens can be gone through: with the pointer, or with the arrow keys, up and down by the lines as they
 * are seen. Fires `token-active` with the index.
 */
export class TokenLine extends Localized {
  static override properties = { tokens: { attribute: false }, active: {}, label: {}, start: {} };
  declare tokens: readonly LineToken[];
  declare active: number | undefined;
  declare label: string;
  /** Text before the first token. */
  declare start: string;

  static override styles = [
    shared,
    tokenStyles,
    css`
      .line {
        padding: 0.5rem 0.25rem;
        font-size: 1.1rem;
        line-height: 2.1;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
        border-radius: 0.3rem;
      }

      [role="option"] {
        padding-block: 0.12em;
        cursor: default;
      }

      [role="option"]:hover {
        background: var(--inset);
      }

      [aria-selected="true"],
      [aria-selected="true"]:hover {
        outline: 2px solid var(--ink);
        outline-offset: 1px;
        border-radius: 2px;
      }
    `,
  ];

  constructor() {
    super();
    this.start = "";
  }

  override render() {
    const { tokens, active } = this;
    return html`<div
      class="line"
      dir="auto"
      role="listbox"
      tabindex="0"
      aria-label=${this.label}
      aria-activedescendant=${active !== undefined && tokens[active] ? `t${active}` : nothing}
      @keydown=${this.#key}
      @focus=${this.#focus}
      @pointerover=${this.#point}
      @click=${this.#point}
    ><span role="presentation">${this.start}</span>${tokens.map((token, index) => this.#token(token, index, index === active))}</div>`;
  }

  #token(token: LineToken, index: number, selected: boolean) {
    const { text, look, name } = token;
    // Texts may be long, and grow token by token: only what has changed is drawn.
    return guard(
      [text, look, name, selected],
      // In one line: what is between the tags would be seen.
      () =>
        html`<span role="option" id="t${index}" class=${look} aria-label=${name} aria-selected=${selected}>${visible(text)}</span>`,
    );
  }

  #point(event: Event): void {
    const option = (event.target as HTMLElement).closest("[role=option]");
    if (option) this.#open(Number(option.id.slice(1)));
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has("active") || !this.matches(":focus-within")) return;
    this.#element(this.active ?? 0)?.scrollIntoView({ block: "nearest" });
  }

  #element(index: number): HTMLElement | null {
    return this.renderRoot.querySelector(`#t${index}`);
  }

  #focus(): void {
    if (this.active === undefined && this.tokens.length > 0) this.#open(0);
  }

  #key(event: KeyboardEvent): void {
    const last = this.tokens.length - 1;
    const now = this.active ?? 0;
    const to = {
      ArrowRight: now + 1,
      ArrowLeft: now - 1,
      ArrowDown: this.#onLine(now, 1),
      ArrowUp: this.#onLine(now, -1),
      Home: 0,
      End: last,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.#open(Math.max(0, Math.min(last, to)));
  }

  /** The token above or below: the nearest of the next line that has one. */
  #onLine(from: number, direction: 1 | -1): number {
    const here = this.#element(from)?.getClientRects()[0];
    let line: number | undefined;
    let best = from;
    let distance = Number.POSITIVE_INFINITY;
    for (let index = from + direction; here && index >= 0 && index < this.tokens.length; index += direction) {
      const rect = this.#element(index)?.getClientRects()[0];
      if (!rect || Math.abs(rect.top - here.top) < here.height / 2) continue;
      line ??= rect.top;
      if (Math.abs(rect.top - line) > here.height / 2) break;
      const away = Math.abs(rect.left - here.left);
      if (away < distance) [best, distance] = [index, away];
    }
    return best;
  }

  #open(index: number): void {
    if (index !== this.active) this.dispatchEvent(new CustomEvent<number>("token-active", { detail: index }));
  }
}
customElements.define("token-line", TokenLine);
