import { html, nothing } from "lit";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { wish } from "../parts/events.js";
import { shared } from "../parts/styles.js";
import type { Trouble } from "../state/store.js";
import { adviceFor } from "./advice.js";
import { notice } from "./notice.styles.js";

/** A load that failed or a GPU that was lost: what happened, what to do, and the engine's own words for those who ask. */
export class TroubleNotice extends Localized {
  static override properties = { lost: { type: Boolean }, trouble: { attribute: false } };
  declare lost: boolean;
  declare trouble: Trouble;

  static override styles = [shared, notice];

  override render() {
    const { lost, trouble } = this;
    return html`<section role="alert">
      <h2>${t(lost ? "lost.heading" : "failed.heading")}</h2>
      <p>${lost ? t("lost.text") : t(`failed.${adviceFor(trouble.code)}`)}</p>
      <button type="button" class="primary" @click=${() => wish(this, "load-pair")}>
        ${t(lost ? "lost.reload" : "failed.retry")}
      </button>
      ${lost ? nothing : html`<button type="button" @click=${() => wish(this, "unload-pair")}>${t("gate.change")}</button>`}
      <details>
        <summary>${t("failed.details")}</summary>
        <p lang="en">${trouble.message}</p>
      </details>
    </section>`;
  }
}
customElements.define("trouble-notice", TroubleNotice);
