import { html, nothing, type PropertyValues } from "lit";
import { isOwn, nameOfChoice } from "../engine/choice.js";
import { ROLES, type Role } from "../engine/roles.js";
import { choiceParam } from "../frame/params.js";
import { ViewParams } from "../frame/view-params.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { wish } from "../parts/events.js";
import { Media } from "../parts/media.js";
import { shared } from "../parts/styles.js";
import { isAnswering, isRacing, isRecovering, type State } from "../state/store.js";
import { isAtEnd, scrollToEnd } from "./follow-end.js";
import "../gate/pair-drawing.js";
import "../gate/pair-gate.js";
import "./model-column.js";
import "./model-tabs.js";
import "./prompt-box.js";
import "./settings-drawer.js";
import "./starting-prompts.js";
import { raceStyles } from "./alambic-race.styles.js";

/** The race: one prompt, a teacher and its student answering side by side. */
export class AlambicRace extends Localized {
  static override properties = { state: { attribute: false } };
  declare state: State;
  /** The model whose tab is open on a narrow screen. */
  readonly #shown = new ViewParams(this, { selected: choiceParam<Role>("shown", "teacher", ROLES) });
  readonly #narrow = new Media(this, "(max-width: 719px)");
  #following = true;

  static override styles = [shared, raceStyles];

  protected override firstUpdated(): void {
    // After the first view is drawn: it is there to be read at once.
    void import("./recorded-run.js");
  }

  protected override willUpdate(): void {
    this.#following = isAtEnd();
    // What draws answers brings Markdown along: it is fetched with the models, not with the page.
    // Another view may have loaded them before.
    const { phase, turns } = this.state;
    if (phase.kind === "loading" || phase.kind === "ready" || turns.length > 0) void import("./race-turn.js");
  }

  protected override updated(changed: PropertyValues<this>): void {
    const before = changed.get("state");
    const { turns, phase } = this.state;
    const sent = turns.length > (before?.turns.length ?? 0);
    const told = turns.length > 0 && phase.kind !== before?.phase.kind;
    // The answers render in components of their own, after this one.
    if (sent || told || (this.#following && isRacing(this.state))) requestAnimationFrame(scrollToEnd);
  }

  override render() {
    const { phase, turns } = this.state;
    const racing = phase.kind === "ready" || turns.length > 0;
    return html`
      <div class="page">
        <h1 class=${racing ? "visually-hidden" : ""}>${t("intro.heading")}</h1>
        ${racing ? [this.#race(), this.#gate()] : this.#introduction()}
      </div>
      ${racing ? this.#dock() : nothing}
      <p class="visually-hidden" role="status">${this.#spoken()}</p>
    `;
  }

  #introduction() {
    return html`<p class="lead">${t("intro.lead")}</p>
      ${this.#gate()}
      ${
        // What was recorded is the page's own pair.
        isOwn(this.state.choices)
          ? html`<div class="pair"><recorded-run></recorded-run><pair-drawing></pair-drawing></div>`
          : nothing
      }
      ${this.#explanations()}`;
  }

  #gate() {
    return html`<pair-gate .state=${this.state}></pair-gate>`;
  }

  #explanations() {
    return html`<div class="explanations">
      ${(["parameter", "distill", "token"] as const).map(
        (word) => html`<details>
          <summary>${t(`gate.${word}Question`)}</summary>
          <p>${t(`gate.${word}Answer`)}</p>
        </details>`,
      )}
    </div>`;
  }

  #race() {
    if (!this.#narrow.matches) return html`${this.#heads(ROLES)} ${this.#conversation(ROLES)}`;
    const { selected } = this.#shown.values;
    return html`<model-tabs
      .selected=${selected}
      .turn=${this.state.turns.at(-1)}
      @select-role=${(event: CustomEvent<Role>) => {
        this.#shown.set({ selected: event.detail });
      }}
    >
      ${this.#heads([selected])} ${this.#conversation([selected])}
    </model-tabs>`;
  }

  #heads(roles: readonly Role[]) {
    const { models, choices } = this.state;
    if (!models) return nothing;
    return html`<div class="heads">
      ${roles.map((role) => html`<model-column .of=${role} .name=${nameOfChoice(choices[role])} .info=${models[role]} .loaded=${this.state.phase.kind === "ready"} .untitled=${roles.length === 1}></model-column>`)}
    </div>
      <button type="button" class="change" @click=${() => wish(this, "unload-pair")}>${t("gate.change")}</button>`;
  }

  #conversation(roles: readonly Role[]) {
    const { turns, phase } = this.state;
    if (turns.length === 0) return phase.kind === "ready" ? html`<starting-prompts></starting-prompts>` : nothing;
    return html`<section class="turns" aria-label=${t("conversation")}>
      ${turns.map((turn, index) => html`<race-turn .turn=${turn} .roles=${roles} .measurable=${index === turns.length - 1 && this.#canMeasure()}></race-turn>`)}
    </section>`;
  }

  /** Two tokens make a rate. */
  #canMeasure(): boolean {
    const { phase, turns } = this.state;
    const measurable = ROLES.some((role) => {
      const { tokens, alone } = turns.at(-1)!.answers[role].figures;
      return tokens > 1 && alone === undefined;
    });
    return phase.kind === "ready" && !isRacing(this.state) && measurable;
  }

  #dock() {
    const { turns, settings, phase } = this.state;
    return html`<div class="dock">
      <prompt-box
        .racing=${isRacing(this.state)}
        .disabled=${phase.kind !== "ready"}
        .last=${turns.at(-1)?.prompt}
        .repeats=${ROLES.every((role) => settings[role].temperature === 0 || settings[role].seed !== undefined)}
      >
        <settings-drawer .settings=${settings}></settings-drawer>
      </prompt-box>
    </div>`;
  }

  /** For screen readers: a sentence when something changes, never the tokens one by one. */
  #spoken(): string {
    const { phase, turns } = this.state;
    const answers = turns.at(-1)?.answers;
    if (phase.kind !== "ready") return "";
    if (!answers) return t("live.ready");
    if (isRecovering(this.state)) return t("live.recovering");
    const finished = ROLES.filter((role) => !isAnswering(answers[role]));
    if (finished.length === 0) return t("live.racing");
    return finished.length === 2 ? t("live.done") : t("live.finished", { role: t(`role.${finished[0]!}`) });
  }
}
customElements.define("alambic-race", AlambicRace);
