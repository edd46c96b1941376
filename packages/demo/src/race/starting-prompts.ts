import { css, html, nothing } from "lit";
import { language, t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { wish } from "../parts/events.js";
import { shared } from "../parts/styles.js";
import { STARTER_NAMES, STARTERS, type Starter } from "./starters.js";

/** Six prompts to start with; choosing one sends it. */
export class StartingPrompts extends Localized {
  static override styles = [
    shared,
    css`
      h2 {
        margin-bottom: 0.75rem;
        font-size: 1rem;
      }

      ul {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(19rem, 100%), 1fr));
        gap: 0.75rem;
        padding: 0;
        list-style: none;
      }

      li {
        display: flex;
      }

      button {
        flex: 1;
        flex-direction: column;
        align-items: flex-start;
        justify-content: flex-start;
        gap: 0.1rem;
        padding: 0.7rem 1rem;
        border-color: var(--line);
        text-align: start;
      }

      .meaning {
        color: var(--soft-ink);
        font-size: 0.9rem;
      }
    `,
  ];

  override render() {
    return html`<h2>${t("prompt.starters")}</h2>
      <ul>${STARTER_NAMES.map((name) => this.#starter(name))}</ul>`;
  }

  #starter(name: Starter) {
    const meaning = language() === "en" ? nothing : html`<span class="meaning">${t(`starters.${name}`)}</span>`;
    return html`<li>
      <button type="button" @click=${() => wish(this, "send-prompt", STARTERS[name])}>
        <span lang="en">${STARTERS[name]}</span>${meaning}
      </button>
    </li>`;
  }
}
customElements.define("starting-prompts", StartingPrompts);
