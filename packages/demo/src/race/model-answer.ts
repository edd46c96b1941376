import { css, html, nothing } from "lit";
import type { Role } from "../engine/roles.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import "../parts/method-note.js";
import "../parts/role-badge.js";
import { roleColours, shared } from "../parts/styles.js";
import { type Answer, isAnswering } from "../state/store.js";
import { formatInteger } from "../text/format.js";
import "./token-rate.js";

/** What one model answered, and how fast. The slot holds the text itself, which is drawn by Markdown or plainly. */
export class ModelAnswer extends Localized {
  static override properties = {
    of: {},
    answer: { attribute: false },
    max: { type: Number },
    untitled: { type: Boolean },
  };
  declare of: Role;
  declare answer: Answer;
  /** Right end of the speed scale, the same for both models. */
  declare max: number;
  /** Where a tab above already names the model. */
  declare untitled: boolean;

  static override styles = [
    shared,
    roleColours,
    css`
      :host {
        display: block;
        min-width: 0;
      }

      article {
        display: flex;
        flex-direction: column;
        gap: 0.75rem;
        height: 100%;
        padding: 0.9rem 1.1rem 0.8rem;
        border-top: 3px solid var(--role);
        border-radius: 0 0 0.6rem 0.6rem;
        background: var(--role-wash);
      }

      article.student {
        border-top-style: dashed;
      }

      h3 {
        display: flex;
        gap: 0.5rem;
        align-items: center;
        color: var(--role);
        font-size: 0.9rem;
      }

      .aside {
        color: var(--soft-ink);
        font-style: italic;
      }

      token-rate {
        margin-top: auto;
        --inset: color-mix(in srgb, var(--role) 18%, var(--role-wash));
        --soft-ink: var(--ink);
      }
    `,
  ];

  override render() {
    const { answer, of } = this;
    const role = t(`role.${of}`);
    return html`<article class=${of} aria-label=${t("answer.of", { role })} aria-busy=${isAnswering(answer)}>
      <h3 ?hidden=${this.untitled}><role-badge of=${of}></role-badge> ${role}</h3>
      <slot></slot>
      ${this.#remark()}
      <token-rate of=${of} .figures=${answer.figures} .running=${isAnswering(answer)} .max=${this.max}>
        <method-note question=${t("rate.askMethod")}>${t("rate.method")}</method-note>
      </token-rate>
    </article>`;
  }

  /** What is to be said beside the text: that it is coming, or how it ended where that is not plain to see. */
  #remark() {
    const { status, text, finishReason, figures, trouble } = this.answer;
    if (status === "recovering") return html`<p class="aside">${t("answer.recovering")}</p>`;
    if (status === "waiting") return html`<p class="aside">${t("answer.waiting")}</p>`;
    if (trouble?.code === "context-overflow") return html`<p class="aside">${t("answer.overflow")}</p>`;
    // The page tells of a lost GPU in a message of its own.
    if (trouble?.code === "device-lost") return html`<p class="aside">${t("answer.failed")}</p>`;
    if (trouble) return html`<p class="aside">${t("answer.failed")} <span lang="en">${trouble.message}</span></p>`;
    if (finishReason === "abort") return html`<p class="aside">${t("answer.stopped")}</p>`;
    if (finishReason === "length") {
      return html`<p class="aside">${t("answer.length", { tokens: formatInteger(figures.tokens) })}</p>`;
    }
    return status === "done" && text.trim() === "" ? html`<p class="aside">${t("answer.empty")}</p>` : nothing;
  }
}
customElements.define("model-answer", ModelAnswer);
