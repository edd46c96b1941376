import type { ParameterCounts } from "@alambic/engine";
import { css, html, nothing } from "lit";
import { styleMap } from "lit/directives/style-map.js";
import { NAMED_MODELS } from "../catalogue/models.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { sizeClass } from "../parts/size-class.js";
import { shared } from "../parts/styles.js";
import { formatBytes, formatCount } from "../text/format.js";

/** The scale's ends, in powers of ten. */
const [FIRST, LAST] = [7.5, 11.8];
/** 4 bits, and for each group of 64 a scale and an offset of 16. */
const BITS_OF_INT4 = 4.5;

interface Rung {
  readonly name: string;
  readonly total: number;
  readonly active: number;
  readonly own: boolean;
}

/** Models that people name, from the smallest to the largest, on a logarithmic scale; the one that is taken apart among them. */
export class ModelLadder extends Localized {
  static override properties = { own: { attribute: false } };
  declare own: { readonly name: string; readonly parameters: ParameterCounts } | undefined;

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: 0.6rem;
        min-width: 0;
      }

      h2 {
        font-size: 1.25rem;
      }

      p {
        max-width: 46rem;
      }

      .note {
        color: var(--soft-ink);
        font-size: 0.9rem;
      }

      .scroll {
        overflow-x: auto;
      }

      table {
        width: 100%;
        border-collapse: collapse;
        font-size: 0.9rem;
      }

      th,
      td {
        padding: 0.25rem 1rem 0.25rem 0;
        border-bottom: 1px solid var(--line);
        text-align: start;
        white-space: nowrap;
      }

      tbody th {
        font-weight: 400;
      }

      .own th {
        font-weight: 700;
      }

      .scale {
        width: 34%;
        min-width: 9rem;
      }

      .bar {
        position: relative;
        display: block;
        height: 0.8rem;
      }

      .bar i {
        position: absolute;
        inset-block: 0;
        inset-inline-start: 0;
        border: 1px solid var(--control);
        border-radius: 0 0.2rem 0.2rem 0;
      }

      .bar .active {
        background: var(--control);
      }

      .own .bar .active {
        background: var(--ink);
      }
    `,
  ];

  override render() {
    return html`<h2 id="ladder">${t("inside:ladder.heading")}</h2>
      <p>${t("inside:ladder.lead")}</p>
      <div class="scroll" tabindex="0" role="region" aria-labelledby="ladder">
        <table>
          <thead>
            <tr>
              <th scope="col">${t("inside:ladder.model")}</th>
              <th scope="col" colspan="2">${t("inside:ladder.parameters")}</th>
              <th scope="col">${t("inside:ladder.class")}</th>
              <th scope="col">${t("inside:ladder.at16")}</th>
              <th scope="col">${t("inside:ladder.at4")}</th>
            </tr>
          </thead>
          <tbody>
            ${this.#rungs().map((rung) => this.#row(rung))}
          </tbody>
        </table>
      </div>
      <p class="note">${t("inside:ladder.classes")}</p>
      <p>${t("inside:ladder.better")}</p>
      <p class="note">${t("inside:ladder.memory")}</p>`;
  }

  #rungs(): Rung[] {
    const named = NAMED_MODELS.map(({ name, total, active }) => ({
      name,
      total: total * 1e9,
      active: active * 1e9,
      own: false,
    }));
    const { own } = this;
    const rungs = own ? [...named, { name: own.name, ...own.parameters, own: true }] : named;
    return rungs.sort((a, b) => a.total - b.total);
  }

  #row({ name, total, active, own }: Rung) {
    return html`<tr class=${own ? "own" : ""}>
      <th scope="row">${name} ${own ? html`<em>(${t("inside:ladder.this")})</em>` : nothing}</th>
      <td class="scale">
        <span class="bar" aria-hidden="true">
          <i style=${styleMap({ width: along(total) })}></i><i class="active" style=${styleMap({ width: along(active) })}></i>
        </span>
      </td>
      <td class="figure">${formatCount(total)} ${active < total ? `(${t("inside:ladder.active", { active: formatCount(active) })})` : nothing}</td>
      <td>${sizeClass(total)}</td>
      <td class="figure">${formatBytes(2 * total)}</td>
      <td class="figure">${formatBytes((BITS_OF_INT4 / 8) * total)}</td>
    </tr>`;
  }
}
customElements.define("model-ladder", ModelLadder);

function along(parameters: number): string {
  const share = (Math.log10(parameters) - FIRST) / (LAST - FIRST);
  return `${(100 * Math.min(1, Math.max(0.01, share))).toFixed(1)}%`;
}
