import { css, html } from "lit";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { shared } from "../parts/styles.js";
import { formatNats } from "../text/format.js";
import { KL_BOUNDS } from "./kl-levels.js";
import { tokenStyles } from "./token-line.styles.js";

/** The shades with their bounds, and what the other marks mean. */
export class KlLegend extends Localized {
  static override styles = [
    shared,
    tokenStyles,
    css`
      div {
        display: flex;
        flex-wrap: wrap;
        gap: 0.3rem 1.25rem;
        align-items: baseline;
        font-size: 0.85rem;
      }

      ul {
        display: flex;
        flex-wrap: wrap;
        gap: 0.3rem 0;
        padding: 0;
        list-style: none;
      }

      li {
        padding: 0.1rem 0.6rem;
      }

      li.kl-0 {
        border-bottom: 1px solid var(--line);
      }
    `,
  ];

  override render() {
    const last = KL_BOUNDS.length - 1;
    return html`<div>
      <span id="label">${t("same:legend.label")}</span>
      <ul aria-labelledby="label">
        <li class="kl-0 figure">${t("same:legend.below", { nats: formatNats(KL_BOUNDS[0]) })}</li>
        ${KL_BOUNDS.map((bound, index) => {
          const nats = formatNats(bound);
          return html`<li class="kl-${index + 1} figure">${index < last ? t("same:legend.from", { nats }) : t("same:legend.above", { nats })}</li>`;
        })}
      </ul>
      <span><span class="kl-2 apart" aria-hidden="true">&nbsp;abc&nbsp;</span> ${t("same:legend.apart")}</span>
      <span><span class="first" aria-hidden="true"></span> ${t("same:legend.first")}</span>
    </div>`;
  }
}
customElements.define("kl-legend", KlLegend);
