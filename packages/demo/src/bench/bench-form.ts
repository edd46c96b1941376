import { css, html, nothing } from "lit";
import { flagParam, severalParam, wholeParam } from "../frame/params.js";
import { ViewParams } from "../frame/view-params.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import "../parts/method-note.js";
import { shared } from "../parts/styles.js";
import { formatBytes, formatCount } from "../text/format.js";
import { FIRST_CHOICE, LADDER, type Rung } from "./ladder.js";

/** What the user wants measured. */
export interface Wanted {
  readonly models: readonly string[];
  readonly prompt: number;
  readonly generate: number;
  /** Tokens of context before either. */
  readonly depth: number;
  readonly repetitions: number;
  readonly minutes: number;
  readonly quality: boolean;
}

const FIELDS = [
  { name: "prompt", least: 0, most: 8192 },
  { name: "generate", least: 0, most: 4096 },
  { name: "depth", least: 0, most: 16384 },
  { name: "repetitions", least: 1, most: 20 },
  { name: "minutes", least: 1, most: 120 },
] as const;

const NAMES: readonly string[] = LADDER.map(({ name }) => name);

/** Chooses the ladder and what each model does. Sends `measure` with what is {@link Wanted}. */
export class BenchForm extends Localized {
  static override properties = { software: { type: Boolean }, disabled: { type: Boolean }, problem: { state: true } };
  /** A software adapter: less is asked for to begin with. */
  declare software: boolean;
  declare disabled: boolean;
  declare problem: "wrong" | "nothing" | undefined;
  /** Numbers that were not chosen depend on the adapter. */
  readonly #wanted = new ViewParams(this, {
    models: severalParam("models", FIRST_CHOICE, NAMES),
    prompt: wholeParam<undefined>("prompt-tokens", undefined, [0, 8192]),
    generate: wholeParam<undefined>("new-tokens", undefined, [0, 4096]),
    depth: wholeParam<undefined>("depth", undefined, [0, 16384]),
    repetitions: wholeParam<undefined>("repetitions", undefined, [1, 20]),
    minutes: wholeParam<undefined>("minutes", undefined, [1, 120]),
    quality: flagParam("quality", true),
  });

  static override styles = [
    shared,
    css`
      form {
        display: grid;
        gap: 1.25rem;
      }

      fieldset {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr));
        gap: 0.5rem 1.5rem;
        min-width: 0;
        margin: 0;
        padding: 0;
        border: 0;
      }

      legend {
        margin-bottom: 0.5rem;
        padding: 0;
        font-weight: 650;
      }

      label.model {
        display: flex;
        gap: 0.6rem;
        align-items: baseline;
        min-height: 1.6rem;
      }

      .model small {
        color: var(--soft-ink);
      }

      .fields {
        display: flex;
        flex-wrap: wrap;
        gap: 0.75rem 1.5rem;
        grid-column: 1 / -1;
      }

      .fields label {
        display: grid;
        gap: 0.2rem;
      }

      input[type="number"] {
        width: 8rem;
        min-height: 2.5rem;
        padding: 0.2rem 0.6rem;
        border: 1px solid var(--control);
        border-radius: 0.5rem;
        background: var(--paper);
      }

      .go {
        display: flex;
        flex-wrap: wrap;
        gap: 0.75rem 1.25rem;
        align-items: center;
      }

      .go p {
        flex: 1 1 18rem;
        color: var(--soft-ink);
      }

      .choose {
        grid-column: 1 / -1;
        display: flex;
        gap: 0.6rem;
        align-items: center;
      }

      .choose button {
        min-height: 2rem;
      }

      .problem {
        color: var(--warn);
      }
    `,
  ];

  override render() {
    const start = this.software
      ? { prompt: 16, generate: 4, depth: 0, repetitions: 2, minutes: 3 }
      : { prompt: 512, generate: 128, depth: 0, repetitions: 5, minutes: 5 };
    const wanted = this.#wanted.values;
    return html`<form @submit=${this.#submit} @change=${this.#keepChecks} novalidate>
      <fieldset ?disabled=${this.disabled}>
        <legend>${t("bench:ladder.legend")}
          <method-note question=${t("bench:ladder.question")}>${t("bench:ladder.answer")}</method-note></legend>
        ${LADDER.map((rung) => this.#rung(rung))}
        <div class="choose">
          <button type="button" @click=${() => this.#choose(true)}>${t("bench:ladder.all")}</button>
          <button type="button" @click=${() => this.#choose(false)}>${t("bench:ladder.none")}</button>
        </div>
      </fieldset>
      <fieldset ?disabled=${this.disabled}>
        <legend>${t("bench:settings.legend")}</legend>
        <div class="fields">
          ${FIELDS.map(
            ({ name, least, most }) => html`<label>
              ${t(`bench:settings.${name === "minutes" ? "budget" : name}`)}
              <input type="number" inputmode="numeric" required name=${name} min=${least} max=${most} .value=${String(wanted[name] ?? start[name])} @change=${(event: Event) => this.#keep(name, event)} />
            </label>`,
          )}
        </div>
        <label class="model"><input type="checkbox" name="quality" .checked=${wanted.quality} /> ${t("bench:settings.quality")}</label>
      </fieldset>
      <div class="go">
        <button class="primary" ?disabled=${this.disabled}>${t("bench:run")}</button>
        <p>${t("bench:hint")}</p>
      </div>
      ${this.problem ? html`<p class="problem" role="alert">${t(`bench:settings.${this.problem}`)}</p>` : nothing}
    </form>`;
  }

  #rung(rung: Rung) {
    const about =
      "bytes" in rung
        ? t("bench:ladder.embedded", { parameters: formatCount(rung.parameters), bytes: formatBytes(rung.bytes) })
        : t("bench:ladder.random", { like: likeOf(rung) });
    return html`<label class="model">
      <input type="checkbox" name="model" value=${rung.name} .checked=${this.#wanted.values.models.includes(rung.name)} />
      <span>${rung.name} <small>${about}</small></span>
    </label>`;
  }

  #choose(checked: boolean): void {
    this.#wanted.set({ models: checked ? NAMES : [] });
  }

  /** What makes no sense stays in its field, to be told of when the run is to start. */
  #keep(name: (typeof FIELDS)[number]["name"], event: Event): void {
    const input = event.target as HTMLInputElement;
    if (input.validity.valid) this.#wanted.set({ [name]: input.valueAsNumber });
  }

  #keepChecks(event: Event): void {
    const box = event.target as HTMLInputElement;
    if (box.name === "quality") this.#wanted.set({ quality: box.checked });
    if (box.name !== "model") return;
    const { models } = this.#wanted.values;
    this.#wanted.set({ models: NAMES.filter((each) => (each === box.value ? box.checked : models.includes(each))) });
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const data = new FormData(form);
    const number = (name: string) => Number(data.get(name));
    const wanted: Wanted = {
      models: data.getAll("model").map(String),
      prompt: number("prompt"),
      generate: number("generate"),
      depth: number("depth"),
      repetitions: number("repetitions"),
      minutes: number("minutes"),
      quality: data.has("quality"),
    };
    const nothing = wanted.models.length === 0 || wanted.prompt + wanted.generate === 0;
    this.problem = form.checkValidity() ? (nothing ? "nothing" : undefined) : "wrong";
    if (!this.problem) this.dispatchEvent(new CustomEvent("measure", { detail: wanted }));
  }
}
customElements.define("bench-form", BenchForm);

/** Names are names; a few of the shapes have none and are described. */
const DESCRIBED = ["synthetic-30m", "synthetic-81m", "synthetic-moe-1b"] as const;

function likeOf({ name, like }: Rung & { like: string }): string {
  const described = DESCRIBED.find((each) => each === name);
  return described ? t(`bench:shape.${described}`) : like;
}
