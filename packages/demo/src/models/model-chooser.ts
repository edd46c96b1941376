import type { Inspection, Quantize } from "@alambic/engine";
import { css, html, nothing } from "lit";
import { type Choice, isKnown, nameOfChoice, usualBits } from "../engine/choice.js";
import { type Origin, sourceOf } from "../engine/origin.js";
import type { Role } from "../engine/roles.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { wish } from "../parts/events.js";
import "../parts/method-note.js";
import "../parts/role-badge.js";
import "../parts/source-picker.js";
import { roleColours, shared } from "../parts/styles.js";
import { type Trouble, troubleOf } from "../state/store.js";
import { formatBytes, formatCount, formatRate } from "../text/format.js";
import { rememberModel } from "./recent.js";

/** Which model stands on one side, with a verdict for this device before a byte of its weights is fetched. */
export class ModelChooser extends Localized {
  static override properties = {
    of: {},
    choice: { attribute: false },
    looking: { state: true },
    trouble: { state: true },
  };
  declare of: Role;
  declare choice: Choice;
  declare looking: Origin | undefined;
  declare trouble: Trouble | undefined;

  static override styles = [
    shared,
    roleColours,
    css`
      section {
        display: grid;
        gap: 0.7rem;
        padding: 0.9rem 0 0.9rem 0.9rem;
        border-inline-start: 3px solid var(--role);
      }

      .student {
        border-inline-start-style: dashed;
      }

      h2 {
        display: flex;
        gap: 0.5rem;
        align-items: center;
        color: var(--role);
        font-size: 1rem;
      }

      .name {
        color: var(--ink);
        font-weight: 400;
        overflow-wrap: anywhere;
      }

      fieldset {
        display: grid;
        gap: 0.3rem;
        margin: 0;
        padding: 0;
        border: 0;
      }

      legend {
        padding: 0 0 0.2rem;
      }

      .note {
        color: var(--soft-ink);
        font-size: 0.9rem;
      }

      [role="alert"] {
        padding: 0.5rem 0.8rem;
        border-inline-start: 3px solid var(--warn);
        background: var(--warn-wash);
        overflow-wrap: anywhere;
      }
    `,
  ];

  protected override willUpdate(changed: Map<string, unknown>): void {
    // The address named it: nothing is known of it yet.
    if (changed.has("choice") && !isKnown(this.choice)) void this.look(this.choice.origin);
  }

  override render() {
    const { of, choice, trouble } = this;
    return html`<section class=${of} aria-label=${t(`role.${of}`)}>
      <h2><role-badge of=${of}></role-badge> ${t(`role.${of}`)} <span class="name">${nameOfChoice(choice)}</span></h2>
      <source-picker .origin=${this.looking ?? choice.origin} @pick=${(event: CustomEvent<Origin>) => this.look(event.detail)}></source-picker>
      <div role="status">${this.looking && !trouble ? t("models:checking") : nothing}</div>
      ${trouble ? html`<p role="alert">${t("models:failed")} <span lang="en">${trouble.message}</span></p>` : nothing}
      ${choice.inspection && !this.looking ? this.#verdict(choice.inspection) : nothing}
    </section>`;
  }

  #verdict(inspection: Inspection) {
    const { verdict, parameters, family, bytes } = inspection;
    const what = { parameters: formatCount(parameters.total), family, bytes: formatBytes(bytes.disk) };
    return html`<p class="note">${t("models:what", what)}</p>
      ${verdict ? html`<p>${t(verdict.available === undefined ? "models:tried" : "models:fits")} <span class="note" lang="en">${verdict.reason}</span></p>` : nothing}
      <fieldset>
        <legend>
          ${t("models:bits")}
          <method-note question=${t("rate.askMethod")}>${t("models:rateMethod")}</method-note>
        </legend>
        ${(["none", "int8", "int4"] as const).map((quantize) => this.#form(quantize, inspection))}
      </fieldset>`;
  }

  #form(quantize: Quantize, { verdict }: Inspection) {
    const bytes = formatBytes(verdict?.needs[quantize] ?? 0);
    const rate = formatRate(verdict?.tokensPerSecond?.[quantize] ?? 0);
    return html`<label>
      <input type="radio" name="bits" .checked=${quantize === this.choice.quantize} @change=${() => this.#choose({ ...this.choice, quantize })} />
      ${t(`models:${quantize}`, { bytes, rate })}
    </label>`;
  }

  /** Takes a model, once its headers say that it can be. */
  async look(origin: Origin): Promise<void> {
    this.trouble = undefined;
    if (origin.kind === "embedded") {
      this.looking = undefined;
      this.#choose({ origin, quantize: "none" });
      return;
    }
    this.looking = origin;
    try {
      const { spareEngine } = await import("../engine/spare-engine.js");
      const engine = await spareEngine(undefined);
      const inspection = await engine.inspect(sourceOf(origin), { verdict: true });
      if (this.looking !== origin) return;
      const { verdict } = inspection;
      if (verdict?.tokensPerSecond === null) throw new Error(t("models:encoder"));
      if (verdict?.fits === null) throw new Error(`${t("models:fitsNot")} ${verdict.reason}`);
      if (origin.kind === "hub") rememberModel(origin.id);
      const quantize = this.#wanted(origin) ?? usualBits(inspection);
      this.looking = undefined;
      this.#choose({ origin, quantize, inspection });
    } catch (error) {
      if (this.looking === origin) this.trouble = troubleOf(error);
    }
  }

  /** By the address that named the model. */
  #wanted(origin: Origin): Quantize | undefined {
    return origin === this.choice.origin ? this.choice.wanted : undefined;
  }

  #choose(choice: Choice): void {
    wish(this, "choose-model", { role: this.of, choice });
  }
}
customElements.define("model-chooser", ModelChooser);
