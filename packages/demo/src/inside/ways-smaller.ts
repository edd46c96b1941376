import type { Anatomy } from "@alambic/engine";
import { css, html, nothing } from "lit";
import { EMBEDDED, STUDENT_LAYERS } from "../engine/roles.js";
import { isPlainClick, queryFor } from "../frame/route.js";
import { VIEW_NAMES, type ViewName } from "../frame/views.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { wish } from "../parts/events.js";
import { shared } from "../parts/styles.js";
import { formatBytes, formatCount, formatInteger, formatShare } from "../text/format.js";
import { asMixture, loraParameters } from "./reckon.js";

/** The ways of making a model smaller, each with something to try on the model that is taken apart. */
export class WaysSmaller extends Localized {
  static override properties = {
    anatomy: { attribute: false },
    rank: { state: true },
    experts: { state: true },
    used: { state: true },
  };
  declare anatomy: Anatomy;
  declare rank: number;
  declare experts: number;
  declare used: number;

  static override styles = [
    shared,
    css`
      h2 {
        margin-bottom: 0.6rem;
        font-size: 1.25rem;
      }

      details {
        padding: 0.5rem 0;
        border-top: 1px solid var(--line);
      }

      summary {
        cursor: pointer;
        font-weight: 600;
      }

      details > * + * {
        margin-top: 0.5rem;
      }

      p {
        max-width: 46rem;
      }

      .links {
        display: flex;
        flex-wrap: wrap;
        gap: 1.25rem;
      }

      .layers {
        display: flex;
        flex-wrap: wrap;
        gap: 3px;
        max-width: 46rem;
      }

      .layers i {
        width: 1.4rem;
        height: 1.4rem;
        border: 2px dashed var(--student);
        border-radius: 3px;
        font-size: 0.7rem;
        font-style: normal;
        line-height: 1.2rem;
        text-align: center;
      }

      .layers .kept {
        border-style: solid;
        background: var(--student);
        color: var(--paper);
      }

      label {
        display: inline-flex;
        flex-wrap: wrap;
        gap: 0.5rem;
        align-items: center;
        margin-inline-end: 1rem;
      }

      input[type="range"] {
        width: 14rem;
        accent-color: var(--ink);
      }

      output {
        display: block;
        font-weight: 600;
      }
    `,
  ];

  constructor() {
    super();
    this.rank = 3;
    this.experts = 8;
    this.used = 2;
  }

  override render() {
    return html`<h2>${t("inside:ways.heading")}</h2>
      ${this.#distillation()} ${this.#quantisation()} ${this.#pruning()} ${this.#lora()} ${this.#experts()}`;
  }

  #distillation() {
    const { teacher, student } = EMBEDDED;
    const counts = { teacher: formatCount(teacher.parameters), student: formatCount(student.parameters) };
    return html`<details>
      <summary>${t("inside:ways.distillation")}</summary>
      <p>${t("inside:ways.distillationText", counts)}</p>
      <p class="links">${this.#link("race")} ${this.#link("same")}</p>
    </details>`;
  }

  #link(view: "race" | "same") {
    // A view that this build does not have is not offered.
    const name = VIEW_NAMES.find((known: string): known is ViewName => known === view);
    if (!name) return nothing;
    const open = (event: MouseEvent) => {
      if (!isPlainClick(event)) return;
      event.preventDefault();
      wish(this, "open-view", { view: name });
    };
    return html`<a href=${queryFor(name, new URL(location.href))} @click=${open}>${t(`inside:ways.${view}`)}</a>`;
  }

  #quantisation() {
    const { none, int8, int4 } = this.anatomy.inspection.bytes;
    const bytes = { none: formatBytes(none), int8: formatBytes(int8), int4: formatBytes(int4) };
    return html`<details>
      <summary>${t("inside:ways.quantisation")}</summary>
      <p>${t("inside:ways.quantisationText", bytes)}</p>
    </details>`;
  }

  #pruning() {
    const kept = new Set(STUDENT_LAYERS);
    const { layers } = EMBEDDED.teacher;
    const said = t("inside:ways.kept", { kept: kept.size, removed: layers - kept.size });
    return html`<details>
      <summary>${t("inside:ways.pruning")}</summary>
      <p>${t("inside:ways.pruningText")}</p>
      <div class="layers" role="img" aria-label=${said}>
        ${Array.from({ length: layers }, (_, layer) => html`<i class=${kept.has(layer) ? "kept" : ""}>${formatInteger(layer)}</i>`)}
      </div>
      <p>${t("inside:ways.pruningMore")}</p>
    </details>`;
  }

  #lora() {
    const rank = 2 ** this.rank;
    const parameters = loraParameters(this.anatomy, rank);
    const share = formatShare(parameters / this.anatomy.inspection.parameters.total);
    return html`<details>
      <summary>${t("inside:ways.lora")}</summary>
      <p>${t("inside:ways.loraText")}</p>
      <label>
        ${t("inside:ways.rank")}
        <input type="range" min="0" max="8" .value=${String(this.rank)} aria-valuetext=${String(rank)} @input=${(
          event: Event,
        ) => {
          this.rank = (event.target as HTMLInputElement).valueAsNumber;
        }} />
        <span class="figure">${formatInteger(rank)}</span>
      </label>
      <output>${t("inside:ways.loraCount", { parameters: formatCount(parameters), share })}</output>
    </details>`;
  }

  #experts() {
    const { parameters } = this.anatomy.inspection;
    const said = (total: number, active: number) => ({ total: formatCount(total), active: formatCount(active) });
    if (parameters.active < parameters.total) {
      return html`<details>
        <summary>${t("inside:ways.experts")}</summary>
        <p>${t("inside:ways.expertsReal", said(parameters.total, parameters.active))}</p>
      </details>`;
    }
    const used = Math.min(this.used, this.experts);
    const { total, active } = asMixture(this.anatomy, this.experts, used);
    const slider = (label: string, value: number, max: number, change: (value: number) => void) => html`<label>
      <input type="range" min="1" max=${max} .value=${String(value)} @input=${(event: Event) => change((event.target as HTMLInputElement).valueAsNumber)} aria-label=${label} />
      <span class="figure">${formatInteger(value)}</span> ${label}
    </label>`;
    return html`<details>
      <summary>${t("inside:ways.experts")}</summary>
      <p>${t("inside:ways.expertsText")}</p>
      ${slider(t("inside:ways.expertsCount"), this.experts, 64, (value) => {
        this.experts = value;
      })}
      ${slider(t("inside:ways.expertsUsed"), used, Math.min(8, this.experts), (value) => {
        this.used = value;
      })}
      <output>${t("inside:ways.expertsResult", said(total, active))}</output>
    </details>`;
  }
}
customElements.define("ways-smaller", WaysSmaller);
