import { css, html, nothing } from "lit";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { shared } from "../parts/styles.js";
import { isRacing, isRecovering, type State } from "../state/store.js";
import { formatBytes, formatCount } from "../text/format.js";

/** One thin line: what runs here, on what, in how much memory, and how far it is. */
export class StatusBar extends Localized {
  static override properties = { state: { attribute: false } };
  declare state: State;

  static override styles = [
    shared,
    css`
      footer {
        border-top: 1px solid var(--line);
        background: var(--paper);
        color: var(--soft-ink);
        font-size: 0.8rem;
      }

      dl {
        display: flex;
        flex-wrap: wrap;
        gap: 0.1rem 1.5rem;
        max-width: 76rem;
        margin: 0 auto;
        padding: 0.4rem 1.25rem;
      }

      dl > div {
        display: flex;
        gap: 0.4rem;
        align-items: baseline;
      }

      dd {
        color: var(--ink);
      }

      .kind {
        padding: 0 0.45em;
        border: 1px solid currentColor;
        border-radius: 0.7em;
      }

      .software {
        color: var(--warn);
        background: var(--warn-wash);
      }

      .state {
        margin-inline-start: auto;
      }

      @media (max-width: 719px) {
        dl {
          padding-inline: 1rem;
        }

        .state {
          margin-inline-start: 0;
        }
      }
    `,
  ];

  override render() {
    const { models, gpuBytes } = this.state;
    return html`<footer aria-label=${t("status.label")}>
      <dl>
        ${this.#adapter()}
        ${
          models
            ? html`<div><dt>${t("role.teacher")}</dt><dd class="figure">${formatCount(models.teacher.parameters.total)}</dd></div>
              <div><dt>${t("role.student")}</dt><dd class="figure">${formatCount(models.student.parameters.total)}</dd></div>
              <div><dt>${t("status.memory")}</dt><dd class="figure">${formatBytes(gpuBytes)}</dd></div>`
            : nothing
        }
        <div class="state"><dt class="visually-hidden">${t("status.state")}</dt><dd class="figure">${this.#phase()}</dd></div>
      </dl>
    </footer>`;
  }

  #adapter() {
    const { adapter, support } = this.state;
    const checked = support?.kind === "ready" ? support : undefined;
    const name = adapter?.name ?? checked?.adapter;
    if (name === undefined) return nothing;
    const software = adapter ? adapter.kind === "software" : checked?.software;
    return html`<div>
      <dt>${t("status.adapter")}</dt>
      <dd>${name || t("gate.unnamed")} <span class="kind ${software ? "software" : ""}">${t(software ? "status.software" : "status.gpu")}</span></dd>
    </div>`;
  }

  #phase(): string {
    const { phase } = this.state;
    if (phase.kind === "loading") {
      if (phase.progress?.phase !== "download") return t("status.compile");
      const { loaded, total } = phase.progress;
      return t("status.loading", { loaded: formatBytes(loaded), total: formatBytes(total) });
    }
    if (phase.kind === "ready" && isRecovering(this.state)) return t("status.recovering");
    return t(phase.kind === "ready" && isRacing(this.state) ? "status.racing" : `status.${phase.kind}`);
  }
}
customElements.define("status-bar", StatusBar);
