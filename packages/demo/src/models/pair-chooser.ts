import { css, html } from "lit";
import type { Choice } from "../engine/choice.js";
import { type PerRole, ROLES } from "../engine/roles.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { shared } from "../parts/styles.js";
import "./kept-models.js";
import "./model-chooser.js";
import type { ModelChooser } from "./model-chooser.js";

/** A pair that speaks French, for those who are online. */
const MULTILINGUAL: PerRole<string> = { teacher: "Qwen/Qwen2.5-1.5B-Instruct", student: "Qwen/Qwen2.5-0.5B-Instruct" };

/** Any two models in the place of the page's own. */
export class PairChooser extends Localized {
  static override properties = { choices: { attribute: false } };
  declare choices: PerRole<Choice>;

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: 1.25rem;
        margin-top: 0.75rem;
      }

      p {
        max-width: 46rem;
        color: var(--soft-ink);
        font-size: 0.9rem;
      }

      p button {
        display: flex;
        min-height: 2.1rem;
        margin-top: 0.5rem;
      }
    `,
  ];

  override render() {
    return html`<p>${t("models:suggestions", MULTILINGUAL)}
        ${navigator.onLine ? html`<button type="button" @click=${this.#takeBoth}>${t("models:takeBoth")}</button>` : t("models:offline")}</p>
      ${ROLES.map((role) => html`<model-chooser of=${role} .choice=${this.choices[role]}></model-chooser>`)}
      <kept-models></kept-models>`;
  }

  #takeBoth(): void {
    for (const chooser of this.renderRoot.querySelectorAll("model-chooser") as NodeListOf<ModelChooser>)
      void chooser.look({ kind: "hub", id: MULTILINGUAL[chooser.of] });
  }
}
customElements.define("pair-chooser", PairChooser);
