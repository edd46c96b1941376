import { css, html, nothing } from "lit";
import { live } from "lit/directives/live.js";
import { orFail } from "../engine/waiting.js";
import { textParam } from "../frame/params.js";
import { ViewParams } from "../frame/view-params.js";
import { language, t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { stateNow, wish } from "../parts/events.js";
import "../parts/method-note.js";
import { shared } from "../parts/styles.js";
import { STARTERS } from "../race/starters.js";
import "../race/settings-drawer.js";
import { optionsOf } from "../state/race-control.js";
import { type State, type Trouble, troubleOf } from "../state/store.js";
import { formatFactor, formatInteger, formatRate, formatShare } from "../text/format.js";
import {
  answerAlone,
  type Drafted,
  type DraftToken,
  draftedAnswer,
  NOTHING_DRAFTED,
  reasonOfLoss,
} from "./draft-run.js";
import { panel } from "./panel.styles.js";
import "./token-line.js";
import type { LineToken } from "./token-line.js";
import { tokenStyles } from "./token-line.styles.js";
import { nameOf, quoted } from "./visible.js";

/** The same answer by the teacher alone, held against the one with a draft. */
interface Measured {
  readonly rate: number;
  readonly gain: number;
  /** The first token at which the texts differ, where they do. */
  readonly parting: number | undefined;
}

/** Characters of a prompt that fit a link. */
const LONGEST_PROMPT = 2000;

type Step = "idle" | "drafting" | "measuring";

const ORIGINS = ["accepted", "corrected", "added", "alone"] as const;

/** Speculative decoding to be watched: the student drafts, the teacher corrects. */
export class DraftPanel extends Localized {
  static override properties = {
    state: { attribute: false },
    step: { state: true },
    drafted: { state: true },
    measured: { state: true },
    trouble: { state: true },
    active: { state: true },
  };
  declare state: State;
  declare step: Step;
  declare drafted: Drafted;
  declare measured: Measured | undefined;
  declare trouble: Trouble | undefined;
  declare active: number | undefined;
  #running: AbortController | undefined;
  readonly #written = new ViewParams(this, { prompt: textParam("prompt", STARTERS.code, LONGEST_PROMPT) });
  #lineTokens = new WeakMap<DraftToken, LineToken>();
  #language: string | undefined;

  static override styles = [
    shared,
    panel,
    tokenStyles,
    css`
      textarea {
        min-height: 3.2rem;
      }

      .legend {
        display: flex;
        flex-wrap: wrap;
        gap: 0.4rem 1.5rem;
        padding: 0;
        list-style: none;
        font-size: 0.85rem;
      }

      .legend i {
        padding: 0.1em 0.4em;
        font-style: normal;
      }
    `,
  ];

  constructor() {
    super();
    this.step = "idle";
    this.drafted = NOTHING_DRAFTED;
  }

  override render() {
    const { drafted, trouble } = this;
    return html`
      <p>${t("same:draft.lead")}</p>
      <form @submit=${this.#submit}>
        <label for="prompt">${t("prompt.label")}</label>
        <textarea id="prompt" dir="auto" .value=${live(this.#written.values.prompt)} aria-describedby="english" @input=${this.#write}></textarea>
      </form>
      <div class="row">
        ${this.#button()}
        <settings-drawer .settings=${this.state.settings}></settings-drawer>
        <span class="soft" id="english">${t("prompt.english")}</span>
      </div>
      ${this.step === "idle" ? nothing : html`<p>${t(this.step === "drafting" ? "same:draft.running" : "same:draft.alone")}</p>`}
      ${trouble ? html`<p class="said" role="alert">${t("same:draft.failed")} <span lang="en">${trouble.message}</span></p>` : nothing}
      ${drafted.tokens.length > 0 ? [this.#figures(), this.#outcome(), this.#answer()] : nothing}
      <p class="visually-hidden" role="status">${this.#spoken()}</p>
    `;
  }

  #button() {
    const running = this.step !== "idle";
    const able = running || (this.state.pair && this.#written.values.prompt.trim() !== "");
    // One button throughout: the keyboard stays on it.
    return html`<button type="button" class="primary" ?disabled=${!able} @click=${running ? () => this.#running?.abort() : this.#submit}>
      ${running ? `■ ${t("same:draft.stop")}` : t("same:draft.start")}
    </button>`;
  }

  #figures() {
    const { proposed, accepted, timing } = this.drafted;
    const gain = this.#gain();
    const note = (text: string) => html`<method-note question=${t("same:figure.ask")}>${text}</method-note>`;
    const rate = (value: number) => html`<dd class="figure">${formatRate(value)} <small>${t("rate.unit")}</small></dd>`;
    return html`<dl class="figures">
      <div>
        <dt>${t("same:draft.acceptance")} ${note(t("same:draft.acceptanceMethod"))}</dt>
        <dd class="figure">
          ${proposed > 0 ? formatShare(accepted / proposed) : "–"}
          <small>${t("same:draft.acceptanceOf", { accepted: formatInteger(accepted), proposed: formatInteger(proposed) })}</small>
        </dd>
      </div>
      <div>
        <dt>${t("same:draft.gain")} ${note(t("same:draft.gainMethod"))}</dt>
        <dd class="figure">${gain === undefined ? "–" : formatFactor(gain)}</dd>
      </div>
      ${timing?.decodeTokensPerSecond ? html`<div><dt>${t("same:draft.speed")}</dt>${rate(timing.decodeTokensPerSecond)}</div>` : nothing}
      ${this.measured ? html`<div><dt>${t("same:draft.speedAlone")}</dt>${rate(this.measured.rate)}</div>` : nothing}
    </dl>`;
  }

  #gain(): number | undefined {
    return this.measured?.gain ?? this.drafted.gainSoFar;
  }

  /** What the gain is held against, why it may be none, and whether the text is the teacher's. */
  #outcome() {
    const gain = this.#gain();
    if (gain === undefined) return nothing;
    const { measured, state } = this;
    const alone = this.drafted.tokens.filter(({ origin }) => origin === "alone").length;
    const basis = measured ? t("same:draft.gainMeasured") : t("same:draft.gainLive", { tokens: formatInteger(alone) });
    const reason = reasonOfLoss(state.adapter?.kind === "software", this.drafted);
    return html`<p class="soft">${basis}</p>
      ${gain < 1 ? html`<p class="said">${t(`same:draft.loss.${reason}`)}</p>` : nothing}
      ${
        measured
          ? html`<p>${measured.parting === undefined ? `✓ ${t("same:draft.same")}` : t("same:draft.differs", { token: formatInteger(measured.parting + 1) })}</p>`
          : nothing
      }`;
  }

  #answer() {
    const { tokens } = this.drafted;
    const open = this.active === undefined ? undefined : tokens[this.active];
    return html`
      <ul class="legend" aria-label=${t("same:draft.legend")}>
        ${ORIGINS.map((origin) => html`<li><i class=${origin} aria-hidden="true">abc</i> ${t(`same:draft.origin.${origin}`)}</li>`)}
      </ul>
      <token-line
        .tokens=${tokens.map((token) => this.#drawn(token))}
        .active=${this.active}
        .label=${t("same:draft.line")}
        @token-active=${(event: CustomEvent<number>) => {
          this.active = event.detail;
        }}
      ></token-line>
      <p class="soft">${open ? this.#told(open) : t("same:text.hint")}</p>
    `;
  }

  /** Worded once: an answer may be long, and grows token by token. */
  #drawn(token: DraftToken): LineToken {
    if (this.#language !== language()) this.#lineTokens = new WeakMap();
    this.#language = language();
    const { text, origin } = token;
    const drawn = this.#lineTokens.get(token) ?? {
      text,
      look: origin,
      name: `${nameOf(text)}, ${t(`same:draft.origin.${origin}`)}`,
    };
    this.#lineTokens.set(token, drawn);
    return drawn;
  }

  #told({ text, origin, proposal }: DraftToken): string {
    if (proposal !== undefined) return t("same:draft.proposal", { proposal: quoted(proposal), text: quoted(text) });
    return t("same:draft.written", { text: quoted(text), origin: t(`same:draft.origin.${origin}`) });
  }

  #write(event: Event): void {
    this.#written.set({ prompt: (event.target as HTMLTextAreaElement).value });
  }

  async #submit(event: Event): Promise<void> {
    event.preventDefault();
    const { pair, settings: both } = stateNow(this);
    // The text is the teacher's: so are the settings.
    const settings = both.teacher;
    const prompt = this.#written.values.prompt.trim();
    if (!pair || this.#running || prompt === "") return;
    const running = new AbortController();
    this.#running = running;
    this.drafted = NOTHING_DRAFTED;
    this.measured = undefined;
    this.trouble = undefined;
    this.active = undefined;
    // Drawn once: the teacher alone answers with the same one.
    const options = { ...optionsOf(settings, Math.floor(Math.random() * 2 ** 32)), signal: running.signal };
    const messages = [
      ...(settings.system.trim() ? [{ role: "system", content: settings.system }] : []),
      { role: "user", content: prompt },
    ];
    try {
      this.step = "drafting";
      const draft = async () => {
        for await (const drafted of draftedAnswer(pair, messages, options)) this.drafted = drafted;
      };
      await orFail(draft(), pair.failed);
      this.step = "measuring";
      const alone = await orFail(answerAlone(pair.models.teacher.chat(messages, options), running.signal), pair.failed);
      const rate = alone.timing.decodeTokensPerSecond;
      const parting = this.drafted.tokens.findIndex(({ id }, index) => id !== alone.ids[index]);
      if (rate > 0)
        this.measured = {
          rate,
          gain: (this.drafted.timing?.decodeTokensPerSecond ?? 0) / rate,
          parting: parting < 0 ? undefined : parting,
        };
    } catch (error) {
      // Of a stop, what was written and counted so far stays.
      if (!running.signal.aborted) this.trouble = troubleOf(error);
      if (this.trouble?.code === "device-lost") wish(this, "pair-failed", error);
    } finally {
      running.abort(); // where the pair failed, nothing else ends the loop
      this.#running = undefined;
      this.step = "idle";
      wish(this, "memory-changed");
    }
  }

  #spoken(): string {
    const { proposed, accepted } = this.drafted;
    if (this.step === "drafting") return t("same:draft.running");
    if (proposed === 0) return "";
    if (this.measured) return t("same:live.measured", { gain: formatRate(this.measured.gain) });
    return t("same:live.drafted", { acceptance: formatShare(accepted / proposed) });
  }
}
customElements.define("draft-panel", DraftPanel);
