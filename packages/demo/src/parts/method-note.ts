import { css, html } from "lit";
import { Localized } from "../i18n/localized.js";
import { shared } from "./styles.js";

/** A small "?" that opens how a figure is measured. The slot holds the explanation. */
export class MethodNote extends Localized {
  static override properties = { question: {}, open: { state: true } };
  /** What the button asks, for those who do not see it. */
  declare question: string;
  declare open: boolean;

  static override styles = [
    shared,
    css`
      :host {
        display: inline-block;
        position: relative;
      }

      button {
        min-height: 1.5rem;
        width: 1.5rem;
        padding: 0;
        border-radius: 50%;
        font-size: 0.8rem;
        line-height: 1;
        border-color: currentColor;
        background: none;
        color: inherit;
      }

      [role="note"] {
        position: fixed;
        inset: auto 1rem 1rem;
        z-index: 3;
        max-width: 30rem;
        margin-inline: auto;
        padding: 0.9rem 1.1rem;
        border: 1px solid var(--line);
        border-radius: 0.6rem;
        background: var(--paper);
        box-shadow: var(--shadow);
        color: var(--ink);
        font-size: 0.9rem;
        font-weight: 400;
        white-space: normal;
        text-align: start;
      }
    `,
  ];

  constructor() {
    super();
    this.open = false;
    this.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.open = false;
    });
    this.addEventListener("focusout", () => {
      this.open = false;
    });
  }

  #toggle(): void {
    this.open = !this.open;
  }

  override render() {
    return html`<button type="button" aria-label=${this.question} aria-expanded=${this.open} @click=${this.#toggle}>?</button>
      <div role="note" ?hidden=${!this.open}><slot></slot></div>`;
  }
}
customElements.define("method-note", MethodNote);
