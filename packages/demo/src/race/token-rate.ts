import { css, html, nothing } from "lit";
import type { Role } from "../engine/roles.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { roleColours, shared } from "../parts/styles.js";
import type { Figures } from "../state/store.js";
import { formatBytes, formatDuration, formatInteger, formatRate } from "../text/format.js";

/** The speed of one answer, as figures and as a bar on a scale that teacher and student share. */
export class TokenRate extends Localized {
  static override properties = {
    of: {},
    figures: { attribute: false },
    running: { type: Boolean },
    max: { type: Number },
  };
  declare of: Role;
  declare figures: Figures;
  declare running: boolean;
  /** Right end of the scale, tokens/s; both answers of a turn get the same value. */
  declare max: number;

  static override styles = [
    shared,
    roleColours,
    css`
      .bar {
        height: 0.5rem;
        border-radius: 0.25rem;
        background: var(--inset);
        overflow: hidden;
      }

      .bar > div {
        height: 100%;
        border-radius: 0.25rem;
        background: var(--role);
      }

      /* Not by colour alone: the teacher's bar is whole, the student's is cut into leaves. */
      .student > div {
        mask: repeating-linear-gradient(115deg, #000 0 0.5rem, transparent 0.5rem 0.65rem);
      }

      .row {
        display: flex;
        gap: 1.1rem;
        align-items: center;
        margin-top: 0.4rem;
      }

      dl {
        display: flex;
        flex-wrap: wrap;
        gap: 0.1rem 1.1rem;
        align-items: baseline;
        color: var(--soft-ink);
        font-size: 0.85rem;
      }

      dl > div {
        display: flex;
        gap: 0.35rem;
        align-items: baseline;
      }

      dd {
        color: var(--ink);
      }

      dd.main {
        font-size: 1.15rem;
        font-weight: 650;
      }

      .how {
        padding: 0 0.4em;
        border: 1px solid var(--line);
        border-radius: 0.6em;
        font-size: 0.75rem;
      }

      @media (prefers-reduced-motion: no-preference) {
        .bar > div {
          transition: width 0.25s;
        }
      }
    `,
  ];

  override render() {
    const { now, mean, firstTokenMs, bytesPerToken, tokens, sharedNow, shared: wasShared } = this.figures;
    const rate = this.running ? (now ?? mean) : mean;
    return html`
      ${this.#bar(rate)}
      <div class="row">
        <dl>
        ${this.running ? this.#rate("now", now, sharedNow) : nothing}
        ${this.#rate("mean", mean, wasShared)}
        ${this.#alone()}
        ${firstTokenMs === undefined ? nothing : html`<div><dt>${t("rate.first")}</dt><dd class="figure">${formatDuration(firstTokenMs)}</dd></div>`}
        ${bytesPerToken === undefined ? nothing : html`<div><dt>${t("rate.bytes")}</dt><dd class="figure">${formatBytes(bytesPerToken)}</dd></div>`}
        <div><dt class="visually-hidden">${t("rate.length")}</dt><dd class="figure">${t("rate.tokens", { count: tokens, tokens: formatInteger(tokens) })}</dd></div>
        </dl>
        <slot></slot>
      </div>
    `;
  }

  #alone() {
    const { alone } = this.figures;
    if (alone === undefined) return nothing;
    const measured = alone === "measuring" ? t("rate.measuring") : `${formatRate(alone)} ${t("rate.unit")}`;
    return html`<div><dt>${t("rate.own")}</dt><dd class="figure">${measured}</dd></div>`;
  }

  #bar(rate: number | undefined) {
    const label = t("rate.scale", { role: t(`role.${this.of}`), max: formatRate(this.max) });
    return html`<div
      class="bar ${this.of}"
      role="meter"
      aria-label=${label}
      aria-valuemin="0"
      aria-valuemax=${this.max}
      aria-valuenow=${rate ?? 0}
      aria-valuetext=${rate === undefined ? t("rate.none") : `${formatRate(rate)} ${t("rate.unit")}`}
    >
      <div style="width: ${(100 * Math.min(rate ?? 0, this.max)) / this.max}%"></div>
    </div>`;
  }

  #rate(kind: "now" | "mean", rate: number | undefined, isShared: boolean) {
    if (rate === undefined) return nothing;
    const main = kind === (this.running ? "now" : "mean");
    return html`<div>
      <dt>${t(`rate.${kind}`)}</dt>
      <dd class="figure ${main ? "main" : ""}">${formatRate(rate)}</dd>
      <dd class="figure">${t("rate.unit")} <span class="how">${t(isShared ? "rate.shared" : "rate.alone")}</span></dd>
    </div>`;
  }
}
customElements.define("token-rate", TokenRate);
