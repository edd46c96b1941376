import { css, html } from "lit";
import { ROLES, type Role } from "../engine/roles.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { wish } from "../parts/events.js";
import "../parts/role-badge.js";
import { shared } from "../parts/styles.js";
import { type PairSettings, SETTING_RANGES, type Settings } from "../state/settings.js";
import { formatSetting } from "../text/format.js";

type Slider = "temperature" | "topP" | "minP";
type Whole = "topK" | "seed" | "maxTokens";

/** How tokens are chosen: for both models alike, unless they are parted. */
export class SettingsDrawer extends Localized {
  static override properties = { settings: { attribute: false }, edited: { state: true } };
  declare settings: PairSettings;
  /** The model whose settings are shown, where each has its own. */
  declare edited: Role;

  static override styles = [
    shared,
    css`
      dialog {
        position: fixed;
        inset: 0 0 0 auto;
        width: min(26rem, 100%);
        max-width: none;
        height: 100dvh;
        max-height: none;
        margin: 0;
        padding: 0 1.25rem 1.25rem;
        border: 0;
        border-inline-start: 1px solid var(--line);
        overflow-y: auto;
        background: var(--paper);
        color: var(--ink);
        box-shadow: var(--shadow);
      }

      dialog::backdrop {
        background: rgb(0 0 0 / 35%);
      }

      .head {
        position: sticky;
        top: 0;
        z-index: 1;
        display: flex;
        gap: 1rem;
        align-items: start;
        justify-content: space-between;
        padding: 1.25rem 0 1rem;
        background: var(--paper);
      }

      h2 {
        font-size: 1.15rem;
        line-height: 1.35;
      }

      .setting {
        margin-bottom: 1.1rem;
      }

      .same,
      .whose label {
        justify-content: start;
        gap: 0.6rem;
        align-items: center;
        font-weight: 400;
      }

      .same {
        margin-bottom: 1.1rem;
      }

      .whose {
        display: flex;
        gap: 1.5rem;
        margin: 0 0 1.1rem;
        padding: 0;
        border: 0;
      }

      label {
        display: flex;
        justify-content: space-between;
        font-weight: 600;
      }

      output {
        font-weight: 400;
      }

      input,
      textarea {
        display: block;
        width: 100%;
        accent-color: var(--ink);
      }

      input[type="checkbox"],
      input[type="radio"] {
        flex: none;
        width: auto;
      }

      input[type="number"],
      textarea {
        padding: 0.4rem 0.6rem;
        border: 1px solid var(--control);
        border-radius: 0.4rem;
        background: var(--paper);
      }

      input[type="range"] {
        height: 1.75rem;
      }

      .help {
        margin-top: 0.25rem;
        color: var(--soft-ink);
        font-size: 0.85rem;
      }

      .reset {
        margin-top: 1rem;
      }

      .open {
        min-height: 2rem;
        padding: 0.15rem 0.6rem;
      }
    `,
  ];

  constructor() {
    super();
    this.edited = "teacher";
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    // Left open, it would be back with its view, but without the page behind it held still.
    this.renderRoot.querySelector("dialog")?.close();
  }

  override render() {
    return html`<button type="button" class="open" aria-haspopup="dialog" @click=${this.#open}>${t("settings.open")}</button>
      <dialog aria-labelledby="heading" @click=${this.#clickOutside}>
        <div class="head">
          <h2 id="heading">${t("settings.heading")}</h2>
          <button type="button" @click=${this.#close}>${t("settings.close")}</button>
        </div>
        ${this.#whose()} ${this.#slider("temperature")} ${this.#whole("topK")} ${this.#slider("topP")} ${this.#slider("minP")}
        ${this.#whole("seed")} ${this.#whole("maxTokens")} ${this.#system()}
        <p class="help">${t("settings.greedy")}</p>
        <p class="reset"><button type="button" @click=${() => wish(this, "reset-settings")}>${t("settings.reset")}</button></p>
      </dialog>`;
  }

  /** One set for both, or one each. */
  #whose() {
    const { apart } = this.settings;
    return html`<label class="same">
        <input type="checkbox" .checked=${!apart} @change=${(event: Event) => wish(this, "part-settings", !inputOf(event).checked)} />
        ${t("settings.same")}
      </label>
      <fieldset class="whose" ?hidden=${!apart}>
        <legend class="visually-hidden">${t("settings.whose")}</legend>
        ${ROLES.map(
          (role) => html`<label class=${role}>
            <input type="radio" name="whose" .checked=${role === this.edited} @change=${() => {
              this.edited = role;
            }} />
            <role-badge of=${role}></role-badge> ${t(`role.${role}`)}
          </label>`,
        )}
      </fieldset>`;
  }

  #slider(name: Slider) {
    const [min, max] = SETTING_RANGES[name];
    return html`<div class="setting">
      <label for=${name}>${t(`settings.${name}`)} <output class="figure" for=${name}>${formatSetting(this.#shown[name])}</output></label>
      <input
        id=${name}
        type="range"
        min=${min}
        max=${max}
        step="0.05"
        .value=${String(this.#shown[name])}
        aria-describedby="${name}-help"
        @input=${(event: Event) => this.#change({ [name]: inputOf(event).valueAsNumber })}
      />
      <p class="help" id="${name}-help">${t(`settings.${name}Help`)}</p>
    </div>`;
  }

  #whole(name: Whole) {
    const [min, max] = SETTING_RANGES[name];
    return html`<div class="setting">
      <label for=${name}>${t(`settings.${name}`)}</label>
      <input
        id=${name}
        type="number"
        inputmode="numeric"
        min=${min}
        max=${max}
        .value=${String(this.#shown[name] ?? "")}
        aria-describedby="${name}-help"
        @change=${(event: Event) => this.#changeWhole(name, inputOf(event))}
      />
      <p class="help" id="${name}-help">${t(`settings.${name}Help`)}</p>
    </div>`;
  }

  #system() {
    return html`<div class="setting">
      <label for="system">${t("settings.system")}</label>
      <textarea
        id="system"
        rows="3"
        .value=${this.#shown.system}
        aria-describedby="system-help"
        @change=${(event: Event) => this.#change({ system: inputOf(event).value })}
      ></textarea>
      <p class="help" id="system-help">${t("settings.systemHelp")}</p>
    </div>`;
  }

  /** Keeps what was typed within the setting's range; only the seed may be empty. */
  #changeWhole(name: Whole, input: HTMLInputElement): void {
    const [min, max] = SETTING_RANGES[name];
    const typed = Number.isNaN(input.valueAsNumber) ? undefined : Math.round(input.valueAsNumber);
    const value = typed === undefined ? undefined : Math.min(max, Math.max(min, typed));
    if (value !== undefined || name === "seed") this.#change({ [name]: value });
    input.value = String(value ?? (name === "seed" ? "" : this.#shown[name]));
  }

  get #shown(): Settings {
    return this.settings[this.#role];
  }

  get #role(): Role {
    return this.settings.apart ? this.edited : "teacher";
  }

  #change(change: Partial<Settings>): void {
    wish(this, "change-settings", { role: this.#role, change });
  }

  get #dialog(): HTMLDialogElement {
    return this.renderRoot.querySelector("dialog")!;
  }

  #open(): void {
    this.#dialog.showModal();
  }

  #close(): void {
    this.#dialog.close();
  }

  #clickOutside(event: MouseEvent): void {
    const { left, top, right, bottom } = this.#dialog.getBoundingClientRect();
    const inside = event.clientX >= left && event.clientX <= right && event.clientY >= top && event.clientY <= bottom;
    // Keyboard clicks on a button come from 0, 0.
    if (!inside && event.target === this.#dialog) this.#close();
  }
}
customElements.define("settings-drawer", SettingsDrawer);

function inputOf(event: Event): HTMLInputElement {
  return event.target as HTMLInputElement;
}
