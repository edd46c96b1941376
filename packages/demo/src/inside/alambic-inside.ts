import type { Anatomy, ModelTensor } from "@alambic/engine";
import { html, nothing } from "lit";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { shared, viewPage } from "../parts/styles.js";
import { type State, type Trouble, troubleOf } from "../state/store.js";
import { formatBytes, formatCount, formatInteger } from "../text/format.js";
import { insideStyles } from "./alambic-inside.styles.js";
import "./model-ladder.js";
import { nameOf, type Origin, originParam, sourceOf } from "../engine/origin.js";
import { nameParam, type Params } from "../frame/params.js";
import { ViewParams } from "../frame/view-params.js";
import { layerParam } from "./parameter-map.js";
import "../parts/source-picker.js";
import "./tensor-panel.js";
import "./ways-smaller.js";
import "./word-list.js";

/** What the address says of the model; the tensor's panel has more of its own. */
interface Shown {
  readonly model: Origin;
  readonly layer: number | undefined;
  readonly tensor: string | undefined;
}

const SHOWN: Params<Shown> = { model: originParam, layer: layerParam, tensor: nameParam("tensor") };

/** Inside a model: where its parameters are, what its numbers look like, and how models are made smaller. */
export class AlambicInside extends Localized {
  static override properties = {
    state: { attribute: false },
    origin: { state: true },
    anatomy: { state: true },
    trouble: { state: true },
    tensor: { state: true },
  };
  declare state: State;
  declare origin: Origin;
  declare anatomy: Anatomy | undefined;
  declare trouble: Trouble | undefined;
  declare tensor: ModelTensor | undefined;
  #reading: AbortController | undefined;
  readonly #shown: ViewParams<Shown> = new ViewParams(this, SHOWN, () => this.#follow());

  static override styles = [shared, viewPage, insideStyles];

  constructor() {
    super();
    this.origin = this.#shown.values.model;
    void this.#take(this.origin);
  }

  override render() {
    const { anatomy, origin } = this;
    return html`<div class="page">
      <h1>${t("inside:heading")}</h1>
      <p class="lead">${t("inside:lead")}</p>
      <source-picker .origin=${origin} @pick=${(event: CustomEvent<Origin>) => this.#pick(event.detail)}></source-picker>
      <p role="status" class="reading">${anatomy || this.trouble ? nothing : t("inside:source.reading")}</p>
      ${this.trouble ? html`<p class="said" role="alert">${t("inside:source.failed")} <span lang="en">${this.trouble.message}</span></p>` : nothing}
      ${anatomy ? this.#anatomy(anatomy) : nothing}
      <model-ladder .support=${this.state.support} .own=${anatomy && { name: nameOf(origin), inspection: anatomy.inspection }}></model-ladder>
    </div>`;
  }

  #anatomy(anatomy: Anatomy) {
    const { origin, tensor } = this;
    return html`${this.#summary(anatomy)}
      <div class="columns">
        <word-list .anatomy=${anatomy}></word-list>
        <div class="map">
          <parameter-map .tensors=${anatomy.tensors} .selected=${tensor?.name} @select-tensor=${(
            event: CustomEvent<ModelTensor>,
          ) => {
            this.#shown.set({ tensor: event.detail.name });
            this.tensor = event.detail;
          }}></parameter-map>
          <tensor-panel .state=${this.state} .source=${sourceOf(origin)} .tensor=${tensor}></tensor-panel>
        </div>
      </div>
      <ways-smaller .state=${this.state} .anatomy=${anatomy}></ways-smaller>`;
  }

  #summary({ inspection }: Anatomy) {
    const { parameters, layers, vocabulary, context, kvBytesPer1k } = inspection;
    const figure = (label: string, value: string) => html`<div><dt>${label}</dt><dd class="figure">${value}</dd></div>`;
    return html`<section aria-label=${nameOf(this.origin)}>
      <h2>${nameOf(this.origin)} <span class="family">${inspection.family}</span></h2>
      <dl class="summary">
        ${figure(t("inside:summary.parameters"), formatCount(parameters.total))}
        ${parameters.active < parameters.total ? figure(t("inside:summary.active"), formatCount(parameters.active)) : nothing}
        ${figure(t("inside:summary.layers"), formatInteger(layers))}
        ${figure(t("inside:summary.vocabulary"), formatInteger(vocabulary))}
        ${figure(t("inside:summary.context"), formatInteger(context))}
        ${kvBytesPer1k.f32 > 0 ? figure(t("inside:summary.cache"), formatBytes(kvBytesPer1k.f32)) : nothing}
      </dl>
    </section>`;
  }

  #pick(origin: Origin): void {
    // A folder of the device cannot be opened again from an address.
    this.#shown.set({
      model: origin.kind === "folder" ? SHOWN.model.initial : origin,
      tensor: undefined,
      layer: undefined,
    });
    this.origin = origin;
    void this.#take(origin);
  }

  /** The user travelled: to another model, or another tensor of this one. */
  #follow(): void {
    const { model } = this.#shown.values;
    if (JSON.stringify(model) === JSON.stringify(this.origin)) this.tensor = this.#named();
    else {
      this.origin = model;
      void this.#take(model);
    }
  }

  /** The tensor of the address, where this model has it. */
  #named(): ModelTensor | undefined {
    return this.anatomy?.tensors.find(({ name }) => name === this.#shown.values.tensor);
  }

  async #take(origin: Origin): Promise<void> {
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    this.anatomy = undefined;
    this.trouble = undefined;
    this.tensor = undefined;
    try {
      const { anatomy } = await import("./anatomy.js");
      const taken = await anatomy(sourceOf(origin), { signal: reading.signal });
      if (reading.signal.aborted) return;
      this.anatomy = taken;
      this.tensor = this.#named();
    } catch (error) {
      if (!reading.signal.aborted) this.trouble = troubleOf(error);
    }
  }
}
customElements.define("alambic-inside", AlambicInside);
