import { html, type TemplateResult } from "lit";
import type { Support } from "../engine/support.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { wish } from "../parts/events.js";
import { shared } from "../parts/styles.js";
import { notice } from "./notice.styles.js";

/** Why the models cannot run here, and where or how they would. */
export class MissingWebgpu extends Localized {
  static override properties = { support: { attribute: false } };
  declare support: Support;

  static override styles = [shared, notice];

  override render() {
    const { heading, text, ways } = this.#advice();
    return html`<section role="alert">
      <h2>${heading}</h2>
      <p>${text}</p>
      <ul>${ways.map((way) => html`<li>${way}</li>`)}</ul>
      <button type="button" @click=${() => wish(this, "check-again")}>${t("missing.retry")}</button>
    </section>`;
  }

  #advice(): { heading: string; text: string; ways: readonly (string | TemplateResult)[] } {
    switch (this.support.kind) {
      case "insecure":
        return {
          heading: t("missing.insecure.heading"),
          text: t("missing.insecure.text"),
          ways: [t("missing.insecure.https"), t("missing.insecure.localhost")],
        };
      case "no-adapter":
        return {
          heading: t("missing.noAdapter.heading"),
          text: t("missing.noAdapter.text"),
          ways: [
            t("missing.noAdapter.acceleration"),
            withCode((page) => t("missing.noAdapter.driver", { page }), "chrome://gpu"),
            t("missing.noAdapter.virtual"),
          ],
        };
      default:
        return {
          heading: t("missing.noWebgpu.heading"),
          text: t("missing.noWebgpu.text"),
          ways: [
            t("missing.chrome"),
            t("missing.safari"),
            t("missing.firefox"),
            withCode((flag) => t("missing.linux", { flag }), "chrome://flags/#enable-unsafe-webgpu"),
          ],
        };
    }
  }
}
customElements.define("missing-webgpu", MissingWebgpu);

/** A sentence with an address in it that browsers do not let a page link to, only copy. */
function withCode(sentence: (placeholder: string) => string, code: string): TemplateResult {
  const [before, after] = sentence("\u0000").split("\u0000");
  return html`${before}<code>${code}</code>${after}`;
}
