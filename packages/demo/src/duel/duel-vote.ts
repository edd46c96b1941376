import { css, html } from "lit";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { shared } from "../parts/styles.js";
import { CHOICES, type Choice, REASONS, type Reason, type Vote } from "./duel.js";

/** The ballot: one of four, and reasons for those who have them. Sends `vote`. */
export class DuelVote extends Localized {
  static override properties = { choice: { state: true } };
  declare choice: Choice | undefined;
  readonly #reasons = new Set<Reason>();

  static override styles = [
    shared,
    css`
      form {
        display: grid;
        gap: 1rem;
      }

      fieldset {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem;
        margin: 0;
        padding: 0;
        border: 0;
      }

      legend {
        margin-bottom: 0.5rem;
        padding: 0;
      }

      .choices legend {
        font-size: 1.15rem;
        font-weight: 700;
      }

      label {
        display: inline-flex;
        gap: 0.5em;
        align-items: center;
        min-height: 2.5rem;
        padding: 0.3rem 1rem;
        border: 1px solid var(--control);
        border-radius: 0.5rem;
        cursor: pointer;
      }

      .reasons label {
        min-height: 2rem;
        padding: 0.1rem 0.8rem;
        font-size: 0.9rem;
      }

      label:has(:checked) {
        border-color: var(--ink);
        background: var(--inset);
        font-weight: 600;
      }

      label:has(:focus-visible) {
        outline: 2px solid var(--ink);
        outline-offset: 2px;
      }

      input {
        accent-color: var(--ink);
      }

      button {
        justify-self: start;
      }
    `,
  ];

  override render() {
    return html`<form @submit=${this.#submit}>
      <fieldset class="choices">
        <legend>${t("duel:vote.heading")}</legend>
        ${CHOICES.map((choice) => html`<label><input type="radio" name="choice" .checked=${choice === this.choice} @change=${() => this.#choose(choice)} />${t(`duel:vote.${choice}`)}</label>`)}
      </fieldset>
      <fieldset class="reasons">
        <legend>${t("duel:vote.reasons")}</legend>
        ${REASONS.map((reason) => html`<label><input type="checkbox" @change=${(event: Event) => this.#mark(reason, event)} />${t(`duel:reason.${reason}`)}</label>`)}
      </fieldset>
      <button class="primary" ?disabled=${!this.choice}>${t("duel:vote.reveal")}</button>
    </form>`;
  }

  #choose(choice: Choice): void {
    this.choice = choice;
  }

  #mark(reason: Reason, event: Event): void {
    if ((event.target as HTMLInputElement).checked) this.#reasons.add(reason);
    else this.#reasons.delete(reason);
  }

  #submit(event: Event): void {
    event.preventDefault();
    if (!this.choice) return;
    const detail: Vote = { choice: this.choice, reasons: REASONS.filter((reason) => this.#reasons.has(reason)) };
    this.dispatchEvent(new CustomEvent("vote", { detail }));
  }
}
customElements.define("duel-vote", DuelVote);
