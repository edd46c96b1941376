import { css, html } from "lit";
import type { PairProgress } from "../engine/pair.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { wish } from "../parts/events.js";
import { shared } from "../parts/styles.js";
import { formatBytes, formatPercent } from "../text/format.js";

/** How far the pair is, in bytes, and a way to stop. */
export class LoadProgress extends Localized {
  static override properties = { progress: { attribute: false } };
  /** `undefined` while the GPU is being opened. */
  declare progress: PairProgress | undefined;

  static override styles = [
    shared,
    css`
      .row {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem 1.25rem;
        align-items: center;
        justify-content: space-between;
        margin-bottom: 0.6rem;
      }

      h2 {
        font-size: 1.05rem;
      }

      progress {
        appearance: none;
        display: block;
        width: 100%;
        height: 0.7rem;
        margin-bottom: 1rem;
        border: 0;
        border-radius: 0.35rem;
        background: var(--inset);
        overflow: hidden;
      }

      progress::-webkit-progress-bar {
        background: var(--inset);
      }

      progress::-webkit-progress-value {
        background: var(--ink);
      }

      progress::-moz-progress-bar {
        background: var(--ink);
      }
    `,
  ];

  override render() {
    const { progress } = this;
    const loaded = progress?.loaded ?? 0;
    const total = progress?.total ?? 1;
    // Read out in quarters, not byte by byte.
    const quarter = Math.floor((4 * loaded) / total) / 4;
    return html`
      <div class="row">
        <h2 id="heading">${t("loading.heading")}</h2>
        <span class="figure">${this.#text()}</span>
      </div>
      <progress aria-labelledby="heading" max=${total} .value=${loaded}></progress>
      <button type="button" @click=${() => wish(this, "stop-loading")}>${t("loading.stop")}</button>
      <p class="visually-hidden" role="status">${t("loading.percent", { percent: formatPercent(quarter) })}</p>
    `;
  }

  #text(): string {
    if (!this.progress) return t("loading.connect");
    const { phase, loaded, total, tried } = this.progress;
    if (tried) return t("loading.tune", { ...tried });
    if (phase === "compile") return t("loading.compile");
    return t("loading.progress", { loaded: formatBytes(loaded), total: formatBytes(total) });
  }
}
customElements.define("load-progress", LoadProgress);
