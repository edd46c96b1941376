import type { ModelTensor } from "@alambic/engine";
import { css, html, nothing } from "lit";
import { styleMap } from "lit/directives/style-map.js";
import { wholeParam } from "../frame/params.js";
import { ViewParams } from "../frame/view-params.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { Media } from "../parts/media.js";
import { shared } from "../parts/styles.js";
import { formatBytes, formatCount, formatInteger, formatShare } from "../text/format.js";
import { type Cell, mapOfLayer, mapOfModel, parametersBySection, type Size, sumOf } from "./map.js";
import { sectionShades } from "./shades.styles.js";

const WIDE: Size = { width: 1000, height: 520 };
const NARROW: Size = { width: 390, height: 460 };

export const layerParam = wholeParam<undefined>("layer", undefined, [0, 9999]);

/** The model as areas: the whole, then one layer. The same tensors stand in a table below. Sends `select-tensor`. */
export class ParameterMap extends Localized {
  static override properties = { tensors: { attribute: false }, selected: {} };
  declare tensors: readonly ModelTensor[];
  declare selected: string | undefined;
  readonly #shown = new ViewParams(this, { layer: layerParam });
  readonly #narrow = new Media(this, "(max-width: 719px)");

  static override styles = [
    shared,
    sectionShades,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 0.75rem;
      }

      .head {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem 1rem;
        align-items: center;
      }

      h2 {
        font-size: 1.25rem;
      }

      .hint {
        color: var(--soft-ink);
        font-size: 0.9rem;
      }

      .picture {
        position: relative;
        overflow: hidden;
      }

      .picture button {
        position: absolute;
        display: block;
        min-height: 0;
        padding: 0;
        overflow: hidden;
        border: 0;
        border-radius: 2px;
      }

      .picture button:hover,
      .picture button[aria-pressed="true"] {
        outline: 3px solid var(--ink);
        outline-offset: -3px;
      }

      .picture button:focus-visible {
        z-index: 1;
        outline: 3px solid var(--ink);
        outline-offset: 1px;
      }

      .picture i {
        position: absolute;
        display: block;
      }

      .picture .name {
        position: absolute;
        inset-block-start: 3px;
        inset-inline-start: 3px;
        max-width: calc(100% - 6px);
        padding: 0 0.35em;
        overflow: hidden;
        border-radius: 0.2rem;
        background: var(--paper);
        color: var(--ink);
        font-size: 0.75rem;
        line-height: 1.35;
        text-overflow: ellipsis;
        white-space: nowrap;
      }

      .legend {
        display: flex;
        flex-wrap: wrap;
        gap: 0.3rem 1.5rem;
        padding: 0;
        list-style: none;
        font-size: 0.9rem;
      }

      .legend i {
        display: inline-block;
        width: 0.9em;
        height: 0.9em;
        margin-inline-end: 0.35em;
        border: 1px solid var(--control);
        border-radius: 2px;
        vertical-align: -0.05em;
      }

      summary {
        cursor: pointer;
        font-weight: 600;
      }

      .scroll {
        max-height: 22rem;
        overflow: auto;
      }

      table {
        width: 100%;
        border-collapse: collapse;
        font-size: 0.85rem;
      }

      th,
      td {
        padding: 0.2rem 0.9rem 0.2rem 0;
        border-bottom: 1px solid var(--line);
        text-align: start;
      }

      td button {
        min-height: 1.6rem;
        padding: 0.05rem 0.4rem;
        font-size: inherit;
        text-align: start;
      }
    `,
  ];

  /** The layer that is open. */
  get layer(): number | undefined {
    const { layer } = this.#shown.values;
    return this.tensors.some((tensor) => tensor.layer === layer) ? layer : undefined;
  }

  override render() {
    const { layer, tensors } = this;
    const shownTensors = layer === undefined ? tensors : tensors.filter((tensor) => tensor.layer === layer);
    return html`<div class="head">
        <h2>${layer === undefined ? t("inside:map.whole") : t("inside:map.layer", { layer })}</h2>
        ${
          layer === undefined
            ? html`<span class="hint">${t("inside:map.hint")}</span>`
            : html`<button type="button" @click=${this.#leaveLayer}>← ${t("inside:map.back")}</button>`
        }
      </div>
      ${this.#picture()} ${this.#legend(shownTensors)} ${this.#table()}`;
  }

  #picture() {
    const { layer, tensors } = this;
    const size = this.#narrow.matches ? NARROW : WIDE;
    const cells = layer === undefined ? mapOfModel(tensors, size) : mapOfLayer(tensors, layer, size);
    const whole = sumOf(tensors);
    return html`<div class="picture" role="group" aria-label=${t("inside:map.label")} style=${styleMap({ aspectRatio: `${size.width} / ${size.height}` })}>
      ${cells.filter(({ width, height }) => width > 1 && height > 1).map((cell) => this.#cell(cell, size, whole))}
    </div>`;
  }

  #cell(cell: Cell, size: Size, whole: number) {
    const { tensor, section, parameters, inner } = cell;
    const name = tensor ? shortName(tensor.name) : t("inside:map.layer", { layer: cell.layer! });
    const label = t("inside:map.cell", {
      name,
      parameters: formatCount(parameters),
      share: formatShare(parameters / whole),
    });
    const shown = tensor ? name : formatInteger(cell.layer!);
    return html`<button
      type="button"
      class=${inner.length > 0 ? nothing : section}
      style=${styleMap(place(cell, size))}
      aria-label=${label}
      title=${label}
      aria-pressed=${tensor ? String(tensor.name === this.selected) : nothing}
      @click=${() => this.#choose(cell)}
    >${inner.map((part) => html`<i class=${part.section} style=${styleMap(place(part, cell))}></i>`)}${
      cell.width > 24 && cell.height > 20 ? html`<span class="name" aria-hidden="true">${shown}</span>` : nothing
    }</button>`;
  }

  #legend(tensors: readonly ModelTensor[]) {
    const whole = sumOf(tensors);
    return html`<ul class="legend">
      ${[...parametersBySection(tensors)].map(
        ([section, parameters]) => html`<li title=${t(`inside:sectionHelp.${section}`)}>
          <i class=${section}></i>${t(`inside:section.${section}`)}
          <strong class="figure">${formatShare(parameters / whole)}</strong>
          <span class="figure">(${formatCount(parameters)})</span>
        </li>`,
      )}
    </ul>`;
  }

  #table() {
    return html`<details>
      <summary>${t("inside:map.table")}</summary>
      <div class="scroll" tabindex="0" role="region" aria-label=${t("inside:map.table")}>
        <table>
          <thead>
            <tr>
              <th scope="col">${t("inside:map.name")}</th>
              <th scope="col">${t("inside:map.shape")}</th>
              <th scope="col">${t("inside:map.stored")}</th>
            </tr>
          </thead>
          <tbody>
            ${this.tensors.map(
              (tensor) => html`<tr>
                <th scope="row"><button type="button" @click=${() => this.#select(tensor)}>${tensor.name}</button></th>
                <td class="figure">${tensor.shape.map(formatInteger).join(" × ")}</td>
                <td class="figure">${formOf(tensor)}, ${formatBytes(tensor.bytes)}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>`;
  }

  #choose({ tensor, layer }: Cell): void {
    if (tensor) this.#select(tensor);
    else this.#shown.set({ layer });
  }

  #select(detail: ModelTensor): void {
    this.dispatchEvent(new CustomEvent("select-tensor", { detail }));
  }

  async #leaveLayer(): Promise<void> {
    const { layer } = this;
    this.#shown.set({ layer: undefined });
    await this.updateComplete;
    // The keyboard stays where it was.
    const label = t("inside:map.layer", { layer: layer! });
    const cells = [...this.renderRoot.querySelectorAll<HTMLElement>(".picture button")];
    cells.find((cell) => cell.title.startsWith(`${label}:`) || cell.title.startsWith(`${label}\u00a0`))?.focus();
  }
}
customElements.define("parameter-map", ParameterMap);

export function formOf({ form, groupSize }: ModelTensor): string {
  return groupSize === undefined ? form : t("inside:map.grouped", { form, groupSize });
}

/** `self_attn.q_proj`: a layer's own tensors need not say the layer. */
function shortName(name: string): string {
  return name.replace(/^.*\blayers?\.\d+\./, "").replace(/\.weight$/, "");
}

function place({ x, y, width, height }: Cell, within: Size) {
  const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(3)}%`;
  return {
    left: percent(x, within.width),
    top: percent(y, within.height),
    width: percent(width, within.width),
    height: percent(height, within.height),
  };
}
