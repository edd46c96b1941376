import { css, html, nothing } from "lit";
import { EMBEDDED, ROLES, type Role } from "../engine/roles.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import "../parts/role-badge.js";
import { roleColours, shared } from "../parts/styles.js";
import "../race/answer-text.js";
import type { Contender, DuelAnswer, Seat } from "./duel.js";

/** One of the two answers: a letter until the vote, a name and the model's colour after it. */
export class DuelAnswerPanel extends Localized {
  static override properties = {
    seat: {},
    answer: { attribute: false },
    revealed: { type: Boolean },
  };
  declare seat: Seat;
  declare answer: DuelAnswer;
  declare revealed: boolean;

  static override styles = [
    shared,
    roleColours,
    css`
      :host {
        display: block;
        min-width: 0;
      }

      article {
        height: 100%;
        padding: 0.9rem 1.1rem;
        border-top: 3px solid var(--role, var(--control));
        border-radius: 0 0 0.6rem 0.6rem;
        background: var(--role-wash, var(--inset));
      }

      .student {
        border-top-style: dashed;
      }

      h2 {
        display: flex;
        gap: 0.6rem;
        align-items: center;
        margin-bottom: 0.6rem;
        font-size: 1rem;
      }

      .name {
        color: var(--role, inherit);
      }

      .empty {
        font-style: italic;
      }
    `,
  ];

  override render() {
    const { answer, revealed } = this;
    const name = t("duel:answer", { seat: this.seat.toUpperCase() });
    const role = revealed ? roleOf(answer.contender) : undefined;
    return html`<article class=${role ?? ""} aria-label=${name}>
      <h2>
        ${name} ${role ? html`<role-badge of=${role}></role-badge>` : nothing}
        ${revealed ? html`<span class="name">${answer.contender.name}</span>` : nothing}
      </h2>
      ${
        answer.text.trim() === ""
          ? html`<p class="empty">${t("duel:empty")}</p>`
          : html`<answer-text .text=${answer.text}></answer-text>`
      }
    </article>`;
  }
}
customElements.define("duel-answer", DuelAnswerPanel);

/** Of a duel that came as a link, the side that a model of this page has. */
function roleOf({ role, name }: Contender): Role | undefined {
  return role ?? ROLES.find((each) => EMBEDDED[each].name === name);
}
