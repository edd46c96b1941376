import { css, html, nothing } from "lit";
import { HOSTED_MODELS } from "../catalogue/models.js";
import { choiceParam, wholeParam } from "../frame/params.js";
import { ViewParams } from "../frame/view-params.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { shared } from "../parts/styles.js";
import { formatCount, formatGrams, formatInteger, formatWattHours } from "../text/format.js";
import { ecologits08 } from "./energy/ecologits-0.8.js";
import { ecologits09 } from "./energy/ecologits-0.9.js";
import { equivalents } from "./energy/equivalents.js";
import type { EnergyMethod } from "./energy/method.js";

/** The card's own case: 70 billion parameters, 260 tokens. */
const CARD = { model: { active: 70, total: 70 }, tokens: 260 };

/** In the order of the choice. */
const METHODS = ["ecologits-0.8", "ecologits-0.9.1-world", "ecologits-0.9.1-france"] as const;
type Method = (typeof METHODS)[number];

const NAMES: readonly string[] = HOSTED_MODELS.map(({ name }) => name);

/** What a hosted model's answer is estimated to cost, by a method of the reader's choice, and the case that made the question known. */
export class EnergyEstimate extends Localized {
  static override properties = {
    tokens: { type: Number },
  };
  /** Tokens of the answer that was preferred, to begin with. */
  declare tokens: number | undefined;
  readonly #asked = new ViewParams(this, {
    model: choiceParam("hosted", "Llama 3.3 70B", NAMES),
    typed: wholeParam<undefined>("tokens", undefined, [1, 100_000]),
    method: choiceParam<Method>("method", "ecologits-0.8", METHODS),
  });

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: 1.25rem;
        margin-top: 1rem;
        padding-top: 1.25rem;
        border-top: 1px solid var(--line);
      }

      h2 {
        font-size: 1.25rem;
      }

      p {
        max-width: 46rem;
      }

      form {
        display: flex;
        flex-wrap: wrap;
        gap: 0.75rem 1.25rem;
        margin: 0.75rem 0;
      }

      label {
        display: grid;
        gap: 0.2rem;
        font-size: 0.9rem;
      }

      select,
      input {
        min-height: 2.4rem;
        max-width: 100%;
        padding: 0.2rem 0.5rem;
        border: 1px solid var(--control);
        border-radius: 0.45rem;
        background: var(--paper);
      }

      input {
        width: 7rem;
      }

      dl {
        display: flex;
        flex-wrap: wrap;
        gap: 0.75rem 2.5rem;
      }

      dl > div {
        display: flex;
        flex-direction: column-reverse;
      }

      dd {
        font-size: 1.4rem;
        font-weight: 700;
      }

      dt,
      .note {
        color: var(--soft-ink);
        font-size: 0.9rem;
      }

      .note {
        margin-top: 0.6rem;
      }

      summary {
        cursor: pointer;
        font-weight: 600;
      }

      details p {
        margin-top: 0.4rem;
      }
    `,
  ];

  override render() {
    return html`<section aria-labelledby="hosted">
        <h2 id="hosted">${t("duel:energy.heading")}</h2>
        <p>${t("duel:energy.lead")}</p>
        ${this.#form()} ${this.#figures()}
        <p class="note">${t("duel:energy.small")}</p>
      </section>
      ${this.#card()}`;
  }

  get #tokens(): number {
    return this.#asked.values.typed ?? this.tokens ?? CARD.tokens;
  }

  /** A method with the electricity that it reckons with, where it leaves a choice. */
  #methods(): readonly { readonly label: string; readonly method: EnergyMethod }[] {
    const [world, france] = [ecologits09("world"), ecologits09("france")];
    return [
      { label: ecologits08.name, method: ecologits08 },
      { label: `${world.name}, ${t("duel:energy.mixWorld")}`, method: world },
      { label: `${france.name}, ${t("duel:energy.mixFrance")}`, method: france },
    ];
  }

  #form() {
    return html`<form @submit=${(event: Event) => event.preventDefault()}>
      <label>${t("duel:energy.model")}
        <select @change=${(event: Event) => {
          this.#asked.set({ model: (event.target as HTMLSelectElement).value });
        }}>
          ${HOSTED_MODELS.map(({ name, total }) => html`<option value=${name} .selected=${name === this.#asked.values.model}>${name} (${formatCount(total * 1e9)})</option>`)}
        </select>
      </label>
      <label>${t("duel:energy.tokens")}
        <input type="number" min="1" max="100000" inputmode="numeric" .value=${String(this.#tokens)} @change=${this.#type} />
      </label>
      <label>${t("duel:energy.method")}
        <select @change=${(event: Event) => {
          this.#asked.set({ method: METHODS[(event.target as HTMLSelectElement).selectedIndex]! });
        }}>
          ${this.#methods().map(({ label }, i) => html`<option .selected=${METHODS[i] === this.#asked.values.method}>${label}</option>`)}
        </select>
      </label>
    </form>`;
  }

  #figures() {
    const model = HOSTED_MODELS.find(({ name }) => name === this.#asked.values.model)!;
    const { method } = this.#methods()[METHODS.indexOf(this.#asked.values.method)]!;
    const footprint = method.estimate(model, this.#tokens);
    const { ledMinutes, videoMinutes } = equivalents(footprint);
    const [low, high] = footprint.range;
    const figure = (label: string, value: string) => html`<div><dt>${label}</dt><dd class="figure">${value}</dd></div>`;
    const minutes = (n: number) => t("duel:energy.minutes", { minutes: formatInteger(n) });
    return html`<dl>
        ${figure(t("duel:energy.wattHours"), formatWattHours(footprint.wattHours))}
        ${figure(t("duel:energy.co2"), formatGrams(footprint.gramsCO2))}
        ${figure(t("duel:energy.led"), minutes(ledMinutes))} ${figure(t("duel:energy.video"), minutes(videoMinutes))}
      </dl>
      <p class="note">
        ${method.name}, ${t("duel:energy.servers", { count: footprint.gpus, gpus: formatInteger(footprint.gpus) })}.
        ${low < high ? `${t("duel:energy.range", { low: formatWattHours(low), high: formatWattHours(high) })}.` : nothing}
        <a href=${method.source} target="_blank" rel="noopener noreferrer">${t("duel:energy.formula")}</a>
      </p>`;
  }

  #card() {
    const then = ecologits08.estimate(CARD.model, CARD.tokens);
    const later = ecologits09("world").estimate(CARD.model, CARD.tokens);
    return html`<details>
      <summary>${t("duel:card.heading")}</summary>
      <p>
        ${t("duel:card.text", {
          energy: formatWattHours(then.wattHours),
          co2: formatGrams(then.gramsCO2),
          later: formatWattHours(later.wattHours),
          times: formatInteger(then.wattHours / later.wattHours),
        })}
      </p>
      <p>${t("duel:card.equivalents")}</p>
    </details>`;
  }

  #type(event: Event): void {
    const input = event.target as HTMLInputElement;
    if (input.validity.valid && input.value !== "") this.#asked.set({ typed: Math.round(input.valueAsNumber) });
    else input.value = String(this.#tokens);
  }
}
customElements.define("energy-estimate", EnergyEstimate);
