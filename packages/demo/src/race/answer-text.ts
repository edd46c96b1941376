import { css, html, LitElement } from "lit";
import { unsafeHTML } from "lit/directives/unsafe-html.js";
import { shared } from "../parts/styles.js";
import { GrowingMarkdown } from "../text/growing-markdown.js";
import { renderMarkdown } from "../text/markdown.js";
import { answerText } from "./answer-text.styles.js";

/** What a model writes, as Markdown. While it grows only its last block is drawn anew. */
export class AnswerText extends LitElement {
  static override properties = { text: { attribute: false } };
  declare text: string;

  readonly #markdown = new GrowingMarkdown(renderMarkdown);

  static override styles = [
    shared,
    answerText,
    css`
      :host {
        display: block;
        min-width: 0;
      }
    `,
  ];

  override render() {
    this.#markdown.update(this.text);
    return html`<div class="text" dir="auto" lang="en">${this.#markdown.parts.map((part) => unsafeHTML(part))}</div>`;
  }
}
customElements.define("answer-text", AnswerText);

// The first use compiles Markdown's expressions, which takes longer than hundreds of later ones: better now, while the
// models are on their way, than with the first token.
setTimeout(() => renderMarkdown("**a** _b_ `c` [d](https://e)\n\n1. f\n"));
