import { css, html, nothing } from "lit";
import { bytesOfChoice, type Choice, isEmbedded, isKnown } from "../engine/choice.js";
import type { PairProgress } from "../engine/pair.js";
import { EMBEDDED, type PerRole, ROLES } from "../engine/roles.js";
import type { Support } from "../engine/support.js";
import { loadTexts, t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { wish } from "../parts/events.js";
import { shared } from "../parts/styles.js";
import { formatBytes } from "../text/format.js";

/** Of the page's own pair: loaded as they are stored, they take as much of the GPU's memory. */
const WEIGHT_BYTES = ROLES.reduce((sum, role) => sum + EMBEDDED[role].weightBytes, 0);

/** The button that loads the pair: what it will take, and what it will run on. */
export class LoadGate extends Localized {
  static override properties = {
    support: { attribute: false },
    stoppedAt: { attribute: false },
    room: { attribute: false },
    choices: { attribute: false },
    choosing: { state: true },
  };
  declare choices: PerRole<Choice>;
  /** Whether the chooser is here: it is fetched when it is asked for. */
  declare choosing: boolean;
  declare support: Support | undefined;
  /** How far a load came that the user stopped. */
  declare stoppedAt: PairProgress | undefined;
  /** Bytes that the browser keeps for this site, where too few for the pair to be kept. */
  declare room: number | undefined;

  static override styles = [
    shared,
    css`
      .gate {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 0.75rem 1.5rem;
        align-items: start;
      }

      .press {
        display: grid;
        gap: 0.4rem;
      }

      .notes {
        display: grid;
        gap: 0.5rem;
      }

      button {
        min-height: 3rem;
        padding-inline: 1.5rem;
        font-size: 1.05rem;
      }

      p {
        max-width: 44rem;
        color: var(--soft-ink);
        font-size: 0.9rem;
      }

      details {
        max-width: 60rem;
        margin-top: 1rem;
        padding: 0.5rem 0;
        border-top: 1px solid var(--line);
      }

      summary {
        cursor: pointer;
        font-weight: 600;
      }

      .software {
        padding: 0.6rem 0.9rem;
        border-inline-start: 3px solid var(--warn);
        background: var(--warn-wash);
        color: var(--ink);
      }

      @media (max-width: 719px) {
        .gate {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

  override render() {
    const { support, stoppedAt } = this;
    const ready = support?.kind === "ready" && ROLES.every((role) => isKnown(this.choices[role]));
    const bytes = formatBytes(ROLES.reduce((sum, role) => sum + bytesOfChoice(this.choices[role]), 0));
    return html`
      <div class="gate">
        <div class="press">
          <button type="button" class="primary" ?disabled=${!ready} @click=${() => wish(this, "load-pair")}>
            ${t(stoppedAt ? "gate.again" : "gate.load", { bytes })}
          </button>
          ${stoppedAt ? html`<span class="figure" role="status">${t("gate.stopped", { loaded: formatBytes(stoppedAt.loaded), total: formatBytes(stoppedAt.total) })}</span>` : nothing}
        </div>
        <div class="notes">
          ${this.#device()}
          ${this.room === undefined ? nothing : html`<p>${t("gate.noRoom", { free: formatBytes(this.room) })}</p>`}
          <p>${t(this.#isEmbedded ? "gate.where" : "gate.whereOther")}</p>
        </div>
      </div>
      <details @toggle=${this.#openChooser}>
        <summary>${t("gate.others")}</summary>
        ${this.choosing ? html`<pair-chooser .choices=${this.choices}></pair-chooser>` : nothing}
      </details>
    `;
  }

  protected override updated(): void {
    // The address names models of which nothing is known yet: the chooser finds it out.
    if (ROLES.every((role) => isKnown(this.choices[role]))) return;
    this.renderRoot.querySelector("details")!.open = true;
  }

  async #openChooser(): Promise<void> {
    await Promise.all([import("../models/pair-chooser.js"), loadTexts("models")]);
    this.choosing = true;
  }

  get #isEmbedded(): boolean {
    return ROLES.every((role) => isEmbedded(this.choices[role]));
  }

  #device() {
    const { support } = this;
    if (support?.kind !== "ready") return html`<p>${t("gate.checking")}</p>`;
    const adapter = support.adapter || t("gate.unnamed");
    // Of models from elsewhere the chooser gives the verdict.
    const bytes = formatBytes(WEIGHT_BYTES);
    const verdict = this.#isEmbedded ? t(support.software ? "gate.runsSlowly" : "gate.runs", { bytes }) : nothing;
    return support.software
      ? html`<p class="software">${verdict} ${t("gate.software", { adapter })}</p>`
      : html`<p>${verdict} ${t("gate.device", { adapter })}</p>`;
  }
}
customElements.define("load-gate", LoadGate);
