import { css, html, nothing } from "lit";
import type { Role } from "../engine/roles.js";
import { address } from "../frame/address.js";
import { isPlainClick, queryFor } from "../frame/route.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { wish } from "../parts/events.js";
import { shared } from "../parts/styles.js";
import type { Turn } from "../state/store.js";
import "./answer-text.js";
import "./model-answer.js";
import { scaleOf } from "./scale.js";

/** One prompt, and below it the answers side by side. */
export class RaceTurn extends Localized {
  static override properties = {
    turn: { attribute: false },
    roles: { attribute: false },
    measurable: { type: Boolean },
  };
  declare turn: Turn;
  /** The answers to show: both, or on a narrow screen the one whose tab is open. */
  declare roles: readonly Role[];
  /** Whether its models may be measured on it, each alone. */
  declare measurable: boolean;

  static override styles = [
    shared,
    css`
      :host {
        display: block;
      }

      .prompt {
        max-width: 44rem;
        margin: 0 auto 1rem;
        padding: 0.6rem 1rem;
        border-radius: 0.8rem;
        background: var(--inset);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
        text-align: start;
        width: fit-content;
      }

      .measure {
        display: flex;
        flex-wrap: wrap;
        gap: 0.4rem 1.25rem;
        align-items: center;
        justify-content: end;
        margin-top: 0.75rem;
        font-size: 0.85rem;
      }

      .measure button {
        min-height: 2rem;
        padding: 0.15rem 0.7rem;
        font-size: 0.85rem;
      }

      .answers {
        display: grid;
        grid-auto-flow: column;
        grid-auto-columns: minmax(0, 1fr);
        gap: 1.25rem;
      }
    `,
  ];

  override render() {
    const max = scaleOf(this.turn);
    return html`
      <p class="prompt" dir="auto"><span class="visually-hidden">${t("you")}: </span>${this.turn.prompt}</p>
      <div class="answers">
        ${this.roles.map((role) => this.#answer(role, max))}
      </div>
      ${
        this.measurable
          ? html`<p class="measure"><a href=${queryFor("same", address())} @click=${this.#readTogether}>${t("rate.together")}</a>
              <button type="button" @click=${() => wish(this, "measure-alone")}>${t("rate.measure")}</button></p>`
          : nothing
      }
    `;
  }

  #answer(role: Role, max: number) {
    const answer = this.turn.answers[role];
    const text = answer.text === "" ? nothing : html`<answer-text .text=${answer.text}></answer-text>`;
    return html`<model-answer of=${role} .answer=${answer} .max=${max} .untitled=${this.roles.length === 1}>${text}</model-answer>`;
  }

  #readTogether(event: MouseEvent): void {
    if (!isPlainClick(event)) return;
    event.preventDefault();
    wish(this, "open-view", { view: "same" });
  }
}
customElements.define("race-turn", RaceTurn);
