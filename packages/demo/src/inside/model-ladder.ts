import type { Inspection } from "@alambic/engine";
import { css, html, nothing } from "lit";
import { styleMap } from "lit/directives/style-map.js";
import { NAMED_MODELS } from "../catalogue/models.js";
import type { Support } from "../engine/support.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { sizeClass } from "../parts/size-class.js";
import { shared } from "../parts/styles.js";
import { formatBytes, formatCount } from "../text/format.js";
import { FORMS, fitOf, type Need, needOf, needOfInspected, type Room } from "./fit.js";
import { measureRoom, softwareRoom } from "./room.js";

/** The scale's ends, in powers of ten. */
const [FIRST, LAST] = [7.5, 11.8];

interface Rung {
  readonly name: string;
  readonly total: number;
  readonly active: number;
  readonly own: boolean;
  readonly read: boolean;
  readonly need: Need;
}

/** Models that people name, from the smallest to the largest, on a logarithmic scale; the one that is taken apart among them. */
export class ModelLadder extends Localized {
  static override properties = {
    own: { attribute: false },
    support: { attribute: false },
    room: { state: true },
    asking: { state: true },
  };
  declare own: { readonly name: string; readonly inspection: Inspection } | undefined;
  declare support: Support | undefined;
  /** What is known of this device's memory. */
  declare room: Room | undefined;
  declare asking: boolean;

  constructor() {
    super();
    this.asking = false;
  }

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

      td:last-child {
        min-width: 13rem;
        padding-inline-end: 0;
        white-space: normal;
      }

      tbody th {
        font-weight: 400;
      }

      .own th {
        font-weight: 700;
      }

      .scale {
        width: 14%;
        min-width: 6rem;
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

  protected override willUpdate(changed: Map<string, unknown>): void {
    // A software adapter's memory need not be asked for.
    if (changed.has("support") && this.#software()) void this.#learn(softwareRoom);
  }

  override render() {
    return html`<h2 id="ladder">${t("inside:ladder.heading")}</h2>
      <p>${t("inside:ladder.lead")}</p>
      ${this.#device()}
      <div class="scroll" tabindex="0" role="region" aria-labelledby="ladder">
        <table>
          <thead>
            <tr>
              <th scope="col">${t("inside:ladder.model")}</th>
              <th scope="col" colspan="2">${t("inside:ladder.parameters")}</th>
              <th scope="col">${t("inside:ladder.class")}</th>
              <th scope="col">${t("inside:ladder.at16")}</th>
              <th scope="col">${t("inside:ladder.at8")}</th>
              <th scope="col">${t("inside:ladder.at4")}</th>
              <th scope="col">${t("inside:ladder.here")}</th>
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
    const named = NAMED_MODELS.map((model) => ({
      name: model.name,
      total: model.total * 1e9,
      active: model.active * 1e9,
      own: false,
      read: model.read,
      need: needOf(model),
    }));
    const { own } = this;
    if (!own) return named;
    const { parameters } = own.inspection;
    const shown = { name: own.name, ...parameters, own: true, read: true, need: needOfInspected(own.inspection) };
    return [...named, shown].sort((a, b) => a.total - b.total);
  }

  /** What is known of this device, and how to know more. */
  #device() {
    const { support, room, asking } = this;
    if (support && support.kind !== "ready") return html`<p class="said">${t("inside:fit.noGpu")}</p>`;
    if (asking) return html`<p role="status">${t("inside:fit.asking")}</p>`;
    if (room) {
      const bytes = formatBytes(room.bytes);
      const how = this.#software() ? "software" : room.atLeast ? "most" : "measured";
      return html`<p role="status">${t(`inside:fit.${how}`, { bytes })}</p>`;
    }
    if (this.#software()) return html`<p>${t("inside:fit.softwareUnknown")}</p>`;
    return html`<p>${t("inside:fit.unknown")}
      <button type="button" ?disabled=${!support} @click=${() => this.#learn(measureRoom)}>${t("inside:fit.ask")}</button></p>`;
  }

  #software(): boolean {
    return this.support?.kind === "ready" && this.support.software;
  }

  async #learn(ask: () => Promise<Room | undefined>): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    try {
      this.room = await ask();
    } catch {
      this.room = undefined; // no device to ask: it stays unknown
    } finally {
      this.asking = false;
    }
  }

  #fit({ need, read }: Rung): string {
    if (!read) return t("inside:fit.family");
    if (!this.room) return t("inside:fit.notKnown");
    const fit = fitOf(need, this.room);
    if (fit.kind === "unknown") return t("inside:fit.notKnown");
    if (fit.kind === "fits") return t(`inside:fit.${fit.form}`);
    return t(`inside:fit.${fit.kind}`, { need: formatBytes(fit.need), room: formatBytes(fit.room) });
  }

  #row(rung: Rung) {
    const { name, total, active, own, need } = rung;
    return html`<tr class=${own ? "own" : ""}>
      <th scope="row">${name} ${own ? html`<em>(${t("inside:ladder.this")})</em>` : nothing}</th>
      <td class="scale">
        <span class="bar" aria-hidden="true">
          <i style=${styleMap({ width: along(total) })}></i><i class="active" style=${styleMap({ width: along(active) })}></i>
        </span>
      </td>
      <td class="figure">${formatCount(total)} ${active < total ? `(${t("inside:ladder.active", { active: formatCount(active) })})` : nothing}</td>
      <td>${sizeClass(total)}</td>
      ${FORMS.map((form) => html`<td class="figure">${formatBytes(need.weights[form])}</td>`)}
      <td>${this.#fit(rung)}</td>
    </tr>`;
  }
}
customElements.define("model-ladder", ModelLadder);

function along(parameters: number): string {
  const share = (Math.log10(parameters) - FIRST) / (LAST - FIRST);
  return `${(100 * Math.min(1, Math.max(0.01, share))).toFixed(1)}%`;
}
