import { css, html, nothing } from "lit";
import type { PairProgress } from "../engine/pair.js";
import { PAIR_BYTES } from "../engine/roles.js";
import type { Support } from "../engine/support.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { wish } from "../parts/events.js";
import { shared } from "../parts/styles.js";
import { formatBytes } from "../text/format.js";

/** The button that loads the pair: what it will take, and what it will run on. */
export class LoadGate extends Localized {
  static override properties = { support: { attribute: false }, stoppedAt: { attribute: false } };
  declare support: Support | undefined;
  /** How far a load came that the user stopped. */
  declare stoppedAt: PairProgress | undefined;

  static override styles = [
    shared,
    css`
      div {
        display: flex;
        flex-wrap: wrap;
        gap: 0.75rem 1.25rem;
        align-items: center;
      }

      button {
        min-height: 3rem;
        padding-inline: 1.5rem;
        font-size: 1.05rem;
      }

      p {
        max-width: 40rem;
        margin-top: 0.75rem;
        color: var(--soft-ink);
        font-size: 0.9rem;
      }

      .software {
        padding: 0.6rem 0.9rem;
        border-inline-start: 3px solid var(--warn);
        background: var(--warn-wash);
        color: var(--ink);
      }
    `,
  ];

  override render() {
    const { support, stoppedAt } = this;
    const ready = support?.kind === "ready";
    const bytes = formatBytes(PAIR_BYTES);
    return html`
      <div>
        <button type="button" class="primary" ?disabled=${!ready} @click=${() => wish(this, "load-pair")}>
          ${t(stoppedAt ? "gate.again" : "gate.load", { bytes })}
        </button>
        ${stoppedAt ? html`<span class="figure" role="status">${t("gate.stopped", { loaded: formatBytes(stoppedAt.loaded), total: formatBytes(stoppedAt.total) })}</span>` : nothing}
      </div>
      ${this.#device()}
      <p>${t("gate.where")}</p>
    `;
  }

  #device() {
    const { support } = this;
    if (support?.kind !== "ready") return html`<p>${t("gate.checking")}</p>`;
    const adapter = support.adapter || t("gate.unnamed");
    return support.software
      ? html`<p class="software">${t("gate.software", { adapter })}</p>`
      : html`<p>${t("gate.device", { adapter })}</p>`;
  }
}
customElements.define("load-gate", LoadGate);
