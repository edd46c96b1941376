import type { Anatomy } from "@alambic/engine";
import { css, html, nothing } from "lit";
import { EMBEDDED, STUDENT_LAYERS } from "../engine/roles.js";
import { EXPERTS } from "../experiments/experts-count.js";
import "../experiments/try-it.js";
import type { NamedTrial } from "../experiments/try-it.js";
import { address } from "../frame/address.js";
import { choiceParam, severalParam, wholeParam } from "../frame/params.js";
import { isPlainClick, queryFor } from "../frame/route.js";
import { ViewParams } from "../frame/view-params.js";
import { VIEW_NAMES, type ViewName } from "../frame/views.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { wish } from "../parts/events.js";
import { shared } from "../parts/styles.js";
import { STARTERS } from "../race/starters.js";
import { EXAMPLES } from "../same/examples.js";
import type { State } from "../state/store.js";
import { formatBytes, formatCount, formatInteger, formatPercent, formatShare } from "../text/format.js";
import { asMixture, loraParameters } from "./reckon.js";

/** What the models of the trials answer. */
const PROMPT = STARTERS.sky;

const WAYS = ["distillation", "quantisation", "pruning", "lora", "experts"] as const;
type Way = (typeof WAYS)[number];

const LAYERS: readonly string[] = Array.from({ length: EMBEDDED.teacher.layers }, (_, layer) => String(layer));

/** The ways of making a model smaller, each with something to try: on paper with any model, and live on the embedded pair. */
export class WaysSmaller extends Localized {
  static override properties = { state: { attribute: false }, anatomy: { attribute: false } };
  declare state: State;
  declare anatomy: Anatomy;
  readonly #shown = new ViewParams(this, {
    open: severalParam<Way>("open", [], WAYS),
    rounded: choiceParam<"3" | "2">("rounded", "3", ["3", "2"]),
    kept: severalParam("kept", STUDENT_LAYERS.map(String), LAYERS),
    /** Of numbers set to zero, in tenths. */
    pruned: wholeParam("pruned", 5, [1, 9]),
    /** The power of two. */
    rank: wholeParam("rank", 3, [0, 8]),
    experts: wholeParam("experts", 8, [1, 64]),
    used: wholeParam("used", 2, [1, 8]),
    live: wholeParam("live", 7, [1, EXPERTS]),
  });

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

      .layers button {
        width: 1.9rem;
        min-height: 1.9rem;
        padding: 0;
        border: 2px dashed var(--student);
        border-radius: 3px;
        font-size: 0.8rem;
      }

      .layers .kept {
        border-style: solid;
        background: var(--student);
        color: var(--paper);
      }

      .layers .kept:hover {
        background: color-mix(in srgb, var(--student) 85%, var(--ink));
      }

      fieldset {
        display: flex;
        gap: 1rem;
        margin: 0;
        padding: 0;
        border: 0;
      }

      legend {
        float: inline-start;
        margin-inline-end: 1rem;
        padding: 0;
      }

      dl.lead {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 0.1rem 0.8rem;
      }

      .lead {
        margin-bottom: 0.6rem;
        color: var(--soft-ink);
        font-size: 0.9rem;
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

  override render() {
    return html`<h2>${t("inside:ways.heading")}</h2>
      <p class="lead">${t("inside:ways.lead")}</p>
      <dl class="lead">
        <dt>${t("inside:ways.text")}</dt><dd lang="en">${EXAMPLES.prose}</dd>
        <dt>${t("inside:ways.prompt")}</dt><dd lang="en">${PROMPT}</dd>
      </dl>
      ${this.#distillation()} ${this.#quantisation()} ${this.#pruning()} ${this.#lora()} ${this.#experts()}`;
  }

  #way(way: Way, content: unknown) {
    const { open } = this.#shown.values;
    return html`<details .open=${open.includes(way)} @toggle=${(event: Event) => {
      const shown = (event.target as HTMLDetailsElement).open;
      if (shown !== open.includes(way))
        this.#shown.set({
          open: WAYS.filter((each) => (each === way ? shown : this.#shown.values.open.includes(each))),
        });
    }}>
      <summary>${t(`inside:ways.${way}`)}</summary>
      ${content}
    </details>`;
  }

  #try(trials: readonly NamedTrial[]) {
    return html`<try-it .state=${this.state} .trials=${trials} .text=${EXAMPLES.prose} .prompt=${PROMPT}></try-it>`;
  }

  #distillation() {
    const { teacher, student } = EMBEDDED;
    const counts = { teacher: formatCount(teacher.parameters), student: formatCount(student.parameters) };
    const layers = STUDENT_LAYERS.length;
    return this.#way(
      "distillation",
      html`<p>${t("inside:ways.distillationText", counts)}</p>
        <p>${t("inside:ways.distillationTry", { layers })}</p>
        ${this.#try([
          { name: t("inside:trial.untrained", { layers }), trial: { kind: "layers", kept: STUDENT_LAYERS } },
          { name: t("inside:trial.student"), trial: { kind: "student" } },
        ])}
        <p class="links">${this.#link("race")} ${this.#link("same")}</p>`,
    );
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
    return html`<a href=${queryFor(name, address())} @click=${open}>${t(`inside:ways.${view}`)}</a>`;
  }

  #quantisation() {
    const { none, int8, int4 } = this.anatomy.inspection.bytes;
    const bytes = { none: formatBytes(none), int8: formatBytes(int8), int4: formatBytes(int4) };
    const { rounded } = this.#shown.values;
    return this.#way(
      "quantisation",
      html`<p>${t("inside:ways.quantisationText", bytes)}</p>
        <p>${t("inside:ways.quantisationTry")}</p>
        <fieldset>
          <legend>${t("inside:tensor.bits")}</legend>
          ${(["3", "2"] as const).map(
            (bits) => html`<label>
              <input type="radio" name="rounded" .checked=${bits === rounded} @change=${() => this.#shown.set({ rounded: bits })} /> ${bits}
            </label>`,
          )}
        </fieldset>
        ${this.#try([{ name: t("inside:trial.bits", { bits: rounded }), trial: { kind: "bits", bits: rounded === "3" ? 3 : 2 } }])}`,
    );
  }

  #pruning() {
    const { kept, pruned } = this.#shown.values;
    const said = t("inside:ways.kept", { kept: kept.length, removed: LAYERS.length - kept.length });
    const share = formatPercent(pruned / 10);
    const layers: NamedTrial = { name: said, trial: { kind: "layers", kept: kept.map(Number) } };
    return this.#way(
      "pruning",
      html`<p>${t("inside:ways.pruningText")}</p>
        <div class="layers" role="group" aria-label=${t("inside:ways.layers")}>
          ${LAYERS.map((layer) => this.#layer(layer, kept))}
        </div>
        <output>${said}</output>
        ${this.#try(kept.length > 0 && kept.length < LAYERS.length ? [layers] : [])}
        <p>${t("inside:ways.pruningMore")}</p>
        ${this.#slider(t("inside:ways.zeros"), pruned, 9, (value) => this.#shown.set({ pruned: value }), share)}
        ${this.#try([{ name: t("inside:trial.zeros", { share }), trial: { kind: "zeros", share: pruned / 10 } }])}`,
    );
  }

  #layer(layer: string, kept: readonly string[]) {
    const is = kept.includes(layer);
    const toggle = () =>
      this.#shown.set({ kept: LAYERS.filter((each) => (each === layer ? !is : kept.includes(each))) });
    return html`<button type="button" class=${is ? "kept" : ""} aria-pressed=${is} aria-label=${t("inside:map.layer", { layer: Number(layer) })} @click=${toggle}>${layer}</button>`;
  }

  #lora() {
    const rank = 2 ** this.#shown.values.rank;
    const parameters = loraParameters(this.anatomy, rank);
    const share = formatShare(parameters / this.anatomy.inspection.parameters.total);
    return this.#way(
      "lora",
      html`<p>${t("inside:ways.loraText")}</p>
        ${this.#slider(t("inside:ways.rank"), this.#shown.values.rank, 8, (value) => this.#shown.set({ rank: value }), formatInteger(rank), 0)}
        <output>${t("inside:ways.loraCount", { parameters: formatCount(parameters), share })}</output>
        <p>${t("inside:ways.loraTry")}</p>
        ${this.#try([{ name: t("inside:trial.adapter"), trial: { kind: "adapter" } }])}`,
    );
  }

  #experts() {
    const { live } = this.#shown.values;
    const name = t("inside:trial.experts", { used: live, experts: EXPERTS });
    return this.#way(
      "experts",
      html`${this.#expertsOnPaper()}
        <p>${t("inside:ways.expertsTry", { experts: EXPERTS })}</p>
        ${this.#slider(t("inside:ways.expertsLive", { experts: EXPERTS }), live, EXPERTS, (value) => this.#shown.set({ live: value }))}
        ${this.#try([{ name, trial: { kind: "experts", used: live } }])}`,
    );
  }

  #expertsOnPaper() {
    const { parameters } = this.anatomy.inspection;
    const said = (total: number, active: number) => ({ total: formatCount(total), active: formatCount(active) });
    if (parameters.active < parameters.total)
      return html`<p>${t("inside:ways.expertsReal", said(parameters.total, parameters.active))}</p>`;
    const { experts, used: most } = this.#shown.values;
    const used = Math.min(most, experts);
    const { total, active } = asMixture(this.anatomy, experts, used);
    return html`<p>${t("inside:ways.expertsText")}</p>
      ${this.#slider(t("inside:ways.expertsCount"), experts, 64, (value) => this.#shown.set({ experts: value }))}
      ${this.#slider(t("inside:ways.expertsUsed"), used, Math.min(8, experts), (value) => this.#shown.set({ used: value }))}
      <output>${t("inside:ways.expertsResult", said(total, active))}</output>`;
  }

  #slider(
    label: string,
    value: number,
    max: number,
    change: (value: number) => void,
    said = formatInteger(value),
    min = 1,
  ) {
    return html`<label>
      <input type="range" min=${min} max=${max} .value=${String(value)} aria-valuetext=${said} aria-label=${label} @input=${(event: Event) => change((event.target as HTMLInputElement).valueAsNumber)} />
      <span class="figure">${said}</span> ${label}
    </label>`;
  }
}
customElements.define("ways-smaller", WaysSmaller);
