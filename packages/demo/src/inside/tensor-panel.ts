import type { ExaminedForm, ModelSource, ModelTensor, TensorExamination } from "@alambic/engine";
import { css, html, nothing } from "lit";
import { choiceParam, wholeParam } from "../frame/params.js";
import { ViewParams } from "../frame/view-params.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import "../parts/method-note.js";
import { spareEngine } from "../engine/spare-engine.js";
import { shared } from "../parts/styles.js";
import { type State, type Trouble, troubleOf } from "../state/store.js";
import { formatBytes, formatCount, formatInteger, formatNumber, formatPercent, formatShare } from "../text/format.js";
import { histogramDrawing, stripDrawing } from "./number-drawings.js";
import { formOf } from "./parameter-map.js";

type Bits = "16" | "8" | "4";
const KINDS: Readonly<Record<Bits, ExaminedForm["kind"]>> = { "16": "bf16", "8": "int8", "4": "int4" };

/** One tensor: its numbers, and what fewer bits or fewer numbers make of it. */
export class TensorPanel extends Localized {
  static override properties = {
    state: { attribute: false },
    source: { attribute: false },
    tensor: { attribute: false },
    examined: { state: true },
    trouble: { state: true },
    reading: { state: true },
  };
  declare state: State;
  declare source: ModelSource;
  declare tensor: ModelTensor | undefined;
  declare examined: TensorExamination | undefined;
  declare trouble: Trouble | undefined;
  declare reading: boolean;
  /** `zeros`: the share of numbers pruned, in tenths. */
  readonly #shown = new ViewParams(this, {
    bits: choiceParam<Bits>("bits", "4", ["16", "8", "4"]),
    zeros: wholeParam("zeros", 5, [1, 9]),
  });

  static override styles = [
    shared,
    css`
      section {
        display: grid;
        gap: 0.9rem;
        padding-top: 1rem;
        border-top: 1px solid var(--line);
      }

      h2 {
        font-size: 1.1rem;
        overflow-wrap: anywhere;
      }

      .facts,
      .note {
        color: var(--soft-ink);
        font-size: 0.9rem;
      }

      dl {
        display: flex;
        flex-wrap: wrap;
        gap: 0.3rem 1.5rem;
        font-size: 0.9rem;
      }

      dl > div {
        display: flex;
        gap: 0.4rem;
      }

      dt {
        color: var(--soft-ink);
      }

      dd {
        font-weight: 650;
      }

      fieldset {
        display: flex;
        gap: 0.4rem;
        align-items: center;
        margin: 0;
        padding: 0;
        border: 0;
      }

      legend {
        float: inline-start;
        margin-inline-end: 0.6rem;
        padding: 0;
      }

      fieldset label {
        padding: 0.15rem 0.8rem;
        border: 1px solid var(--control);
        border-radius: 0.5rem;
        cursor: pointer;
      }

      fieldset input {
        position: absolute;
        opacity: 0;
      }

      label:has(:checked) {
        background: var(--ink);
        color: var(--paper);
      }

      label:has(:focus-visible) {
        outline: 2px solid var(--ink);
        outline-offset: 2px;
      }

      figure {
        margin: 0;
      }

      figcaption {
        color: var(--soft-ink);
        font-size: 0.85rem;
      }

      svg {
        display: block;
        width: 100%;
        height: auto;
      }

      .stored {
        fill: var(--line);
      }

      .form {
        fill: none;
        stroke: var(--ink);
        stroke-width: 1.5;
        vector-effect: non-scaling-stroke;
      }

      .axis {
        stroke: var(--control);
        vector-effect: non-scaling-stroke;
      }

      .mark {
        stroke: var(--ink);
        stroke-width: 2;
        vector-effect: non-scaling-stroke;
      }

      .difference {
        fill: var(--warn);
      }

      .error strong {
        font-size: 1.2rem;
      }

      .slider {
        display: grid;
        gap: 0.3rem;
        max-width: 30rem;
      }

      input[type="range"] {
        width: 100%;
        accent-color: var(--ink);
      }

      button {
        justify-self: start;
      }
    `,
  ];

  constructor() {
    super();
    this.reading = false;
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has("tensor")) return;
    this.examined = undefined;
    this.trouble = undefined;
    // The device is already open: no need to ask.
    if (this.tensor && this.state.pair) void this.#read();
  }

  override render() {
    const { tensor, examined } = this;
    if (!tensor) return html`<p class="note">${t("inside:tensor.none")}</p>`;
    return html`<section aria-labelledby="name">
      <h2 id="name">${tensor.name}</h2>
      <p class="facts">
        ${tensor.shape.map(formatInteger).join(" × ")} ·
        ${t("inside:tensor.parameters", { parameters: formatCount(tensor.parameters) })} ·
        ${t("inside:tensor.onDisk", { bytes: formatBytes(tensor.bytes), form: formOf(tensor) })}
      </p>
      <div role="status">${this.reading ? t("inside:tensor.reading") : nothing}</div>
      ${examined ? this.#numbers(examined) : this.#offer()}
    </section>`;
  }

  #offer() {
    const { trouble, state } = this;
    if (this.reading) return nothing;
    if (state.phase.kind === "unsupported") return html`<p class="note">${t("inside:tensor.noGpu")}</p>`;
    return html`${trouble ? html`<p role="alert">${t("inside:tensor.failed")} <span lang="en">${trouble.message}</span></p>` : nothing}
      <button type="button" @click=${this.#read}>${t("inside:tensor.look")}</button>`;
  }

  #numbers(examined: TensorExamination) {
    const { values, forms, rows } = examined;
    const form = forms.find(({ kind }) => kind === KINDS[this.#shown.values.bits]);
    const figure = (label: string, value: string) => html`<div><dt>${label}</dt><dd class="figure">${value}</dd></div>`;
    return html`<dl>
        ${figure(t("inside:tensor.mean"), formatNumber(values.mean))}
        ${figure(t("inside:tensor.deviation"), formatNumber(values.deviation))}
        ${figure(t("inside:tensor.range"), `${formatNumber(values.least)} … ${formatNumber(values.most)}`)}
      </dl>
      ${this.tensor!.shape.length > 1 && rows < this.tensor!.shape[0]! ? html`<p class="note">${t("inside:tensor.sampled", { rows: formatInteger(rows) })}</p>` : nothing}
      ${forms.length > 0 ? this.#bits() : nothing} ${this.#histogram(examined, form)}
      ${form ? [this.#error(form), this.#strip(examined, form), this.#pruning(examined)] : nothing}`;
  }

  #bits() {
    return html`<fieldset>
      <legend>${t("inside:tensor.bits")}</legend>
      ${(["16", "8", "4"] as const).map(
        (bits) => html`<label>
          <input type="radio" name="bits" .checked=${bits === this.#shown.values.bits} @change=${() => this.#shown.set({ bits })} />${t(`inside:tensor.${KINDS[bits]}`)}
        </label>`,
      )}
      <method-note question=${t("rate.askMethod")}>${t("inside:tensor.method")}</method-note>
    </fieldset>`;
  }

  #histogram({ values }: TensorExamination, form: ExaminedForm | undefined) {
    const caption = t("inside:tensor.histogram", {
      low: formatNumber(values.low),
      high: formatNumber(values.high),
      bits: form ? t(`inside:tensor.${form.kind}`) : "32",
    });
    return html`<figure>
      ${histogramDrawing(values.counts, form?.counts)}
      <figcaption>${caption}</figcaption>
    </figure>`;
  }

  #error({ kind, error, bytes }: ExaminedForm) {
    const bits = t(`inside:tensor.${kind}`);
    return html`<p class="error">
      <strong class="figure">${formatShare(error)}</strong>
      ${t("inside:tensor.error", { bits, bytes: formatBytes(bytes) })}
    </p>`;
  }

  #strip({ sample }: TensorExamination, form: ExaminedForm) {
    return html`<figure>
      ${stripDrawing(sample, form.sample)}
      <figcaption>${t("inside:tensor.strip", { bits: t(`inside:tensor.${form.kind}`) })}</figcaption>
    </figure>`;
  }

  #pruning({ pruned }: TensorExamination) {
    const chosen = pruned[this.#shown.values.zeros - 1];
    if (!chosen) return nothing;
    const said = t("inside:tensor.pruned", { share: formatPercent(chosen.share), error: formatShare(chosen.error) });
    return html`<div class="slider">
      <label for="share">${t("inside:tensor.pruning")}</label>
      <input id="share" type="range" min="1" max=${pruned.length} .value=${String(this.#shown.values.zeros)} aria-valuetext=${said} @input=${(
        event: Event,
      ) => {
        this.#shown.set({ zeros: (event.target as HTMLInputElement).valueAsNumber });
      }} />
      <p class="note">${said}</p>
    </div>`;
  }

  async #read(): Promise<void> {
    const { tensor, source, state } = this;
    if (!tensor) return;
    this.reading = true;
    this.trouble = undefined;
    try {
      const engine = await spareEngine(state.pair);
      const examined = await engine.examine(source, tensor.name);
      if (tensor === this.tensor) this.examined = examined;
    } catch (error) {
      if (tensor === this.tensor) this.trouble = troubleOf(error);
    } finally {
      if (tensor === this.tensor) this.reading = false;
    }
  }
}
customElements.define("tensor-panel", TensorPanel);
