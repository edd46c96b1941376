import { html, nothing } from "lit";
import { live } from "lit/directives/live.js";
import { ROLES, type Role } from "../engine/roles.js";
import { orFail, unlessAborted } from "../engine/waiting.js";
import { textParam } from "../frame/params.js";
import { ViewParams } from "../frame/view-params.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { stateNow, wish } from "../parts/events.js";
import "../parts/method-note.js";
import "../parts/role-badge.js";
import { roleColours, shared } from "../parts/styles.js";
import { messagesFor } from "../state/race-control.js";
import { type State, type Trouble, troubleOf } from "../state/store.js";
import { formatInteger, formatNats, formatPerplexity, formatShare } from "../text/format.js";
import { EXAMPLE_NAMES, EXAMPLES } from "./examples.js";
import { klLevel } from "./kl-levels.js";
import "./kl-legend.js";
import { panel } from "./panel.styles.js";
import { MAX_TOKENS, type Place, type Scored, type Source, score } from "./score.js";
import "./token-detail.js";
import "./token-line.js";
import type { LineToken } from "./token-line.js";
import { nameOf } from "./visible.js";

/** Characters of a text that fit a link: more than are read. */
const LONGEST_TEXT = 8000;

type Step =
  | { readonly kind: "write"; readonly trouble?: Trouble }
  | { readonly kind: "reading" }
  /** `prompt` where it is an answer. */
  | { readonly kind: "scored"; readonly scored: Scored; readonly prompt: string | undefined };

/** Any text, or an answer of the race, as both models read it. */
export class ScorePanel extends Localized {
  static override properties = {
    state: { attribute: false },
    step: { state: true },
    active: { state: true },
  };
  declare state: State;
  declare step: Step;
  /** The place that is open. */
  declare active: number | undefined;
  #reading: AbortController | undefined;
  readonly #written = new ViewParams(this, { text: textParam("text", EXAMPLES.prose, LONGEST_TEXT) }, () => {
    // What is shown of another text would be wrong under this one.
    if (this.step.kind === "scored" && this.step.prompt === undefined) this.step = { kind: "write" };
  });
  /** Of tokens in the lists of likeliest ones, once they were looked at. */
  readonly #texts = new Map<number, string>();

  static override styles = [shared, roleColours, panel];

  constructor() {
    super();
    this.step = { kind: "write" };
  }

  override render() {
    const { step } = this;
    return html`
      <form @submit=${this.#submit}>
        <label for="text">${t("same:text.label")}</label>
        <textarea id="text" dir="auto" .value=${live(this.#text)} placeholder=${t("same:text.placeholder")} @input=${this.#write}></textarea>
      </form>
      <div class="row">${this.#button()} ${this.#suggestions()}</div>
      ${step.kind === "reading" ? html`<p>${t("same:text.running")}</p>` : nothing}
      ${step.kind === "write" && step.trouble ? html`<p class="said" role="alert">${t("same:text.failed")} <span lang="en">${step.trouble.message}</span></p>` : nothing}
      ${step.kind === "scored" ? this.#scored(step.scored, step.prompt) : nothing}
      <p class="visually-hidden" role="status">${this.#spoken()}</p>
    `;
  }

  get #text(): string {
    return this.#written.values.text;
  }

  #button() {
    const reading = this.step.kind === "reading";
    const able = reading || (this.state.pair && this.#text !== "");
    // One button throughout: the keyboard stays on it.
    return html`<button type="button" class="primary" ?disabled=${!able} @click=${reading ? () => this.#reading?.abort() : this.#submit}>
      ${reading ? `■ ${t("same:text.stop")}` : t("same:text.score")}
    </button>`;
  }

  #suggestions() {
    const answered = ROLES.filter((role) => this.state.turns.at(-1)?.answers[role].text);
    return html`<span class="choices">
        ${t("same:text.examples")}
        ${EXAMPLE_NAMES.map((name) => html`<button type="button" @click=${() => this.#read({ kind: "text", text: EXAMPLES[name] })}>${t(`same:text.example.${name}`)}</button>`)}
      </span>
      ${
        answered.length > 0
          ? html`<span class="choices">
              ${t("same:text.fromRace")}
              ${answered.map((role) => html`<button type="button" @click=${() => this.#readAnswer(role)}><role-badge of=${role}></role-badge>${t("same:text.answerOf", { role: t(`role.${role}`) })}</button>`)}
            </span>`
          : nothing
      }`;
  }

  #scored({ start, places, whole, divergence, cut }: Scored, prompt: string | undefined) {
    const place = this.active === undefined ? undefined : places[this.active];
    return html`
      ${this.#figures(whole, divergence)}
      <kl-legend></kl-legend>
      ${prompt === undefined ? nothing : html`<p class="soft" dir="auto">${t("same:text.answering", { prompt })}</p>`}
      <token-line
        .tokens=${places.map((each, index) => this.#token(each, index === divergence))}
        .start=${start}
        .active=${this.active}
        .label=${t("same:text.line")}
        @token-active=${(event: CustomEvent<number>) => this.#open(event.detail)}
      ></token-line>
      ${cut ? html`<p class="said">${t("same:text.cut", { tokens: formatInteger(MAX_TOKENS) })}</p>` : nothing}
      ${place ? html`<token-detail .place=${place} .texts=${new Map(this.#texts)}></token-detail>` : html`<p class="soft">${t("same:text.hint")}</p>`}
    `;
  }

  #figures({ kl, agreement, perplexity }: Scored["whole"], divergence: number | undefined) {
    const note = (text: string) => html`<method-note question=${t("same:figure.ask")}>${text}</method-note>`;
    return html`<dl class="figures">
        <div>
          <dt>${t("same:figure.kl")} ${note(t("same:figure.klMethod"))}</dt>
          <dd class="figure">${formatNats(kl)} <small>${t("same:figure.nats")}</small></dd>
        </div>
        <div>
          <dt>${t("same:figure.agreement")} ${note(t("same:figure.agreementMethod"))}</dt>
          <dd class="figure">${formatShare(agreement)}</dd>
        </div>
        ${
          perplexity
            ? ROLES.map(
                (role) => html`<div class=${role}>
                  <dt><role-badge of=${role}></role-badge> ${t("same:figure.perplexity")}<span class="visually-hidden">, ${t(`role.${role}`)}</span> ${note(t("same:figure.perplexityMethod"))}</dt>
                  <dd class="figure">${formatPerplexity(perplexity[role])}</dd>
                </div>`,
              )
            : nothing
        }
      </dl>
      ${
        divergence === undefined
          ? html`<p class="soft">${t("same:figure.none")}</p>`
          : html`<div class="choices"><button type="button" @click=${() => this.#open(divergence)}>◆ ${t("same:figure.divergence")}</button></div>`
      }`;
  }

  #token({ id, text, kl, agree }: Place, first: boolean): LineToken {
    const shown = id === undefined ? " …" : text;
    const said = id === undefined ? t("same:text.end") : nameOf(text);
    return {
      text: shown,
      look: `kl-${klLevel(kl)} ${agree ? "" : "apart"} ${first ? "first" : ""}`,
      name: t(first ? "same:token.divergence" : "same:token.name", { text: said, kl: formatNats(kl) }),
    };
  }

  #write(event: Event): void {
    this.#written.set({ text: (event.target as HTMLTextAreaElement).value });
  }

  #submit(event: Event): void {
    event.preventDefault();
    if (this.#text !== "") void this.#read({ kind: "text", text: this.#text });
  }

  #readAnswer(role: Role): void {
    const { turns, settings } = stateNow(this);
    const { answers, prompt } = turns.at(-1)!;
    const messages = messagesFor(role, turns, settings[role].system);
    void this.#read({ kind: "answer", text: answers[role].text, messages }, prompt);
  }

  async #read(source: Source, prompt?: string): Promise<void> {
    const { pair } = stateNow(this);
    this.#written.set({ text: source.text });
    if (!pair || this.#reading) return;
    const reading = new AbortController();
    this.#reading = reading;
    this.active = undefined;
    this.step = { kind: "reading" };
    try {
      const scored = await orFail(unlessAborted(score(pair, source, reading.signal), reading.signal), pair.failed);
      this.step = { kind: "scored", scored, prompt };
    } catch (error) {
      const trouble = troubleOf(error);
      this.step = reading.signal.aborted ? { kind: "write" } : { kind: "write", trouble };
      if (trouble.code === "device-lost") wish(this, "pair-failed", error);
    } finally {
      this.#reading = undefined;
      wish(this, "memory-changed");
    }
  }

  #open(index: number): void {
    this.active = index;
    void this.#decode(index);
  }

  /** Fetches the texts of the tokens that were likely at a place. */
  async #decode(index: number): Promise<void> {
    const { pair } = this.state;
    if (!pair || this.step.kind !== "scored") return;
    const { top } = this.step.scored.places[index]!;
    const missing = new Set(
      ROLES.flatMap((role) => top[role].map(({ id }) => id)).filter((id) => !this.#texts.has(id)),
    );
    if (missing.size === 0) return;
    await Promise.all(
      [...missing].map(async (id) => this.#texts.set(id, await orFail(pair.models.teacher.decode([id]), pair.failed))),
    ).catch(() => {}); // a pair that is gone is told by the gate; the numbers stay
    this.requestUpdate();
  }

  #spoken(): string {
    if (this.step.kind === "reading") return t("same:text.running");
    if (this.step.kind !== "scored") return "";
    const { places, whole } = this.step.scored;
    return t("same:live.scored", {
      tokens: formatInteger(places.length),
      kl: formatNats(whole.kl),
      agreement: formatShare(whole.agreement),
    });
  }
}
customElements.define("score-panel", ScorePanel);
