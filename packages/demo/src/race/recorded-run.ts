import { html, nothing } from "lit";
import { ROLES, type Role } from "../engine/roles.js";
import { choiceParam } from "../frame/params.js";
import { ViewParams } from "../frame/view-params.js";
import { language, t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { Media } from "../parts/media.js";
import { shared } from "../parts/styles.js";
import type { Answer } from "../state/store.js";
import { formatDate } from "../text/format.js";
import "./model-answer.js";
import "./model-tabs.js";
import { recordedRun } from "./recorded-run.styles.js";
import { FIRST_RECORDING, RECORDINGS } from "./recordings.js";
import { endOf, nextAfter, type Recording, turnAt } from "./replay.js";
import { scaleOf } from "./scale.js";
import { STARTER_NAMES, STARTERS, type Starter } from "./starters.js";

/**
 * A run that was recorded, played as it went: what the race is like, before anything is loaded and where nothing can be.
 * It begins when it comes into sight, and can be halted; who wants no motion gets it finished.
 */
export class RecordedRun extends Localized {
  static override properties = {
    recording: { state: true },
    elapsed: { state: true },
    playing: { state: true },
    markdown: { state: true },
    selected: { state: true },
  };
  declare recording: Recording | undefined;
  /** Milliseconds of the recording that were played. */
  declare elapsed: number;
  declare playing: boolean;
  /** Whether what draws Markdown is here. The first recording does without, so that the first view does. */
  declare markdown: boolean;
  /** The model whose tab is open on a narrow screen. */
  declare selected: Role;

  readonly #chosen = new ViewParams(
    this,
    { name: choiceParam<Starter>("recorded", FIRST_RECORDING, STARTER_NAMES) },
    () => void this.#open(),
  );
  readonly #still = new Media(this, "(prefers-reduced-motion: reduce)");
  readonly #narrow = new Media(this, "(max-width: 719px)");
  readonly #sight = new IntersectionObserver((entries) => this.#see(entries), { threshold: 0.2 });
  #timer: ReturnType<typeof setTimeout> | undefined;

  static override styles = [shared, recordedRun];

  constructor() {
    super();
    this.elapsed = 0;
    this.playing = false;
    this.markdown = false;
    this.selected = "teacher";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (!this.recording) void this.#open();
    // Left before it was seen, and come back to.
    else if (this.elapsed === 0) this.#sight.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#sight.disconnect();
    this.#halt();
  }

  override render() {
    const { recording } = this;
    if (!recording) return nothing;
    const { date, adapter, processor, runtime, version } = recording;
    const kind = t(adapter.software ? "recorded.software" : "recorded.gpu", { adapter: adapter.name });
    return html`<section aria-labelledby="heading">
      <div class="head">
        <h2 id="heading">${t("recorded.heading")}</h2>
        ${this.#question(recording)} ${this.#button()}
      </div>
      ${language() === "en" ? nothing : html`<p class="meaning">${t(`starters.${this.#chosen.values.name}`)}</p>`} ${this.#answers(recording)}
      <p class="how">${t("recorded.how", { date: formatDate(date), adapter: kind, processor, runtime, version })}</p>
    </section>`;
  }

  #question({ prompt }: Recording) {
    return html`<select lang="en" aria-label=${t("recorded.prompt")} @change=${this.#choose}>
      ${STARTER_NAMES.map((name) => html`<option value=${name} .selected=${STARTERS[name] === prompt}>${STARTERS[name]}</option>`)}
    </select>`;
  }

  #button() {
    if (this.playing)
      return html`<button type="button" @click=${this.#halt}>${icon("pause")}${t("recorded.pause")}</button>`;
    const atEnd = this.elapsed >= endOf(this.recording!);
    return html`<button type="button" @click=${this.#play}>
      ${icon("play")}${t(atEnd ? "recorded.again" : "recorded.play")}
    </button>`;
  }

  #answers(recording: Recording) {
    const turn = turnAt(recording, this.elapsed);
    // The scale of the whole run: it does not move.
    const max = scaleOf(turnAt(recording, endOf(recording)));
    const answers = (roles: readonly Role[]) =>
      html`<div class="answers">
        ${roles.map((role) => {
          const answer = turn.answers[role];
          return html`<model-answer of=${role} .answer=${answer} .max=${max} .untitled=${roles.length === 1}>${this.#text(answer)}</model-answer>`;
        })}
      </div>`;
    if (!this.#narrow.matches) return answers(ROLES);
    return html`<model-tabs
      .selected=${this.selected}
      .turn=${turn}
      @select-role=${(event: CustomEvent<Role>) => {
        this.selected = event.detail;
      }}
      >${answers([this.selected])}</model-tabs
    >`;
  }

  #text({ text }: Answer) {
    if (text === "") return nothing;
    return this.markdown
      ? html`<answer-text .text=${text}></answer-text>`
      : html`<div class="text" dir="auto" lang="en">${text}</div>`;
  }

  #choose(event: Event): void {
    this.#chosen.set({ name: (event.target as HTMLSelectElement).value as Starter });
    void this.#open();
  }

  async #open(): Promise<void> {
    this.#halt();
    const { name } = this.#chosen.values;
    const chosen = name !== FIRST_RECORDING;
    const [recording] = await Promise.all([RECORDINGS[name](), chosen ? import("./answer-text.js") : undefined]);
    if (name !== this.#chosen.values.name) return; // another was chosen meanwhile
    const first = this.recording === undefined;
    this.recording = recording;
    this.markdown ||= chosen;
    this.elapsed = this.#still.matches ? endOf(recording) : 0;
    if (this.#still.matches) return;
    if (first) this.#sight.observe(this);
    else this.#play();
  }

  #see(entries: readonly IntersectionObserverEntry[]): void {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    this.#sight.disconnect();
    this.#play();
  }

  readonly #play = () => {
    const { recording } = this;
    if (!recording || this.playing) return;
    if (this.elapsed >= endOf(recording)) this.elapsed = 0;
    this.playing = true;
    const began = performance.now() - this.elapsed;
    const tick = () => {
      this.elapsed = performance.now() - began;
      const next = nextAfter(recording, this.elapsed);
      if (next === undefined) this.#halt();
      else this.#timer = setTimeout(tick, next - this.elapsed);
    };
    tick();
  };

  readonly #halt = () => {
    clearTimeout(this.#timer);
    this.playing = false;
  };
}
customElements.define("recorded-run", RecordedRun);

function icon(kind: "play" | "pause") {
  const path = kind === "play" ? "M3 1.5v9l8-4.5z" : "M2.5 1.5h2.5v9H2.5zM7 1.5h2.5v9H7z";
  return html`<svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true"><path fill="currentColor" d=${path}></path></svg>`;
}
