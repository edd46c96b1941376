import { css, html, nothing } from "lit";
import { isOwn } from "../engine/choice.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { stateNow, wish } from "../parts/events.js";
import { shared } from "../parts/styles.js";
import { type State, type Trouble, troubleOf } from "../state/store.js";
import { formatBytes, formatCount, formatInteger, formatNats, formatPerplexity, formatShare } from "../text/format.js";
import { type Answered, answerOf, type Outcome, runTrial, type Step, type Trial } from "./trial.js";

/** A trial, and what the page calls it. */
export interface NamedTrial {
  readonly name: string;
  readonly trial: Trial;
}

type Row = { readonly name: string; readonly outcome: Outcome };

/** Runs trials on the embedded pair and lists what came of them beside the teacher. Rows stay, to be compared. */
export class TryIt extends Localized {
  static override properties = {
    state: { attribute: false },
    trials: { attribute: false },
    text: {},
    prompt: {},
    step: { state: true },
    rows: { state: true },
    own: { state: true },
    trouble: { state: true },
  };
  declare state: State;
  /** What the button starts, one after the other. */
  declare trials: readonly NamedTrial[];
  /** What is read, and what is answered. */
  declare text: string;
  declare prompt: string;
  declare step: Step | undefined;
  declare rows: readonly Row[];
  /** The teacher's answer. */
  declare own: Answered | undefined;
  declare trouble: Trouble | undefined;
  #running: AbortController | undefined;

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: 0.6rem;
        min-width: 0;
      }

      .go {
        display: flex;
        flex-wrap: wrap;
        gap: 0.6rem 1rem;
        align-items: center;
      }

      .scroll {
        overflow-x: auto;
      }

      table {
        width: 100%;
        min-width: 40rem;
        border-collapse: collapse;
        font-size: 0.9rem;
      }

      th,
      td {
        padding: 0.35rem 1rem 0.35rem 0;
        border-bottom: 1px solid var(--line);
        text-align: start;
        vertical-align: top;
      }

      td:last-child {
        min-width: 16rem;
        overflow-wrap: anywhere;
      }

      thead th {
        color: var(--soft-ink);
        font-weight: 400;
      }

      small {
        color: var(--soft-ink);
      }

      [role="alert"] {
        padding: 0.5rem 0.8rem;
        border-inline-start: 3px solid var(--warn);
        background: var(--warn-wash);
        overflow-wrap: anywhere;
      }
    `,
  ];

  constructor() {
    super();
    this.rows = [];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#running?.abort();
  }

  override render() {
    const { trouble } = this;
    return html`<div class="go">${this.#button()} <span role="status">${this.step ? t(`inside:try.${this.step}`) : nothing}</span></div>
      ${trouble ? html`<p role="alert">${t("inside:try.failed")} <span lang="en">${trouble.message}</span></p>` : nothing}
      ${this.rows.length > 0 ? this.#table() : nothing}`;
  }

  #button() {
    const { phase, choices, pair } = this.state;
    // One button throughout: the keyboard stays on it.
    const button = (label: string, act: () => void, able = true) =>
      html`<button type="button" class="primary" ?disabled=${!able} @click=${act}>${label}</button>`;
    if (this.step) return button(`■ ${t("prompt.stop")}`, () => this.#running?.abort());
    if (phase.kind === "unsupported") return html`<span>${t("inside:try.noGpu")}</span>`;
    if (!isOwn(choices)) return html`<span>${t("inside:try.others")}</span>`;
    if (phase.kind === "loading") return html`<span>${t("inside:try.loading")}</span>`;
    if (!pair) return button(t("inside:try.loadPair"), () => wish(this, "load-pair"));
    return button(t("inside:try.start"), () => void this.#run(), this.trials.length > 0);
  }

  #table() {
    const { own, rows } = this;
    const teacher = rows.find(({ outcome }) => outcome.reading)?.outcome.reading;
    const read = teacher !== undefined;
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${t("inside:try.results")}>
      <table>
        <thead>
          <tr>
            <th scope="col">${t("inside:try.model")}</th>
            <th scope="col">${t("inside:try.parameters")}</th>
            ${read ? (["kl", "agreement", "perplexity", "bytes"] as const).map((name) => html`<th scope="col">${t(`inside:try.${name}`)}</th>`) : nothing}
            <th scope="col">${t("inside:try.answered")}</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">${t("inside:try.teacher")}</th>
            <td class="figure">${this.state.models ? formatCount(this.state.models.teacher.parameters.total) : nothing}</td>
            ${read ? html`<td>–</td><td>–</td><td class="figure">${formatPerplexity(teacher.before)}</td><td class="figure">${formatBytes(teacher.bytesBefore)}</td>` : nothing}
            <td>${own ? this.#answer(own) : nothing}</td>
          </tr>
          ${rows.map((row) => this.#row(row, read))}
        </tbody>
      </table>
    </div>`;
  }

  #row({ name, outcome }: Row, read: boolean) {
    const { parameters, added, reading, answer } = outcome;
    const { total, active } = parameters;
    const counted = added === undefined ? formatCount(total) : `${formatCount(total)} + ${formatCount(added)}`;
    return html`<tr>
      <th scope="row">${name}</th>
      <td class="figure">${counted}${active < total ? html`<br /><small>${t("inside:ladder.active", { active: formatCount(active) })}</small>` : nothing}</td>
      ${
        read && reading
          ? html`<td class="figure">${formatNats(reading.kl)}</td>
            <td class="figure">${formatShare(reading.agreement)}</td>
            <td class="figure">${formatPerplexity(reading.perplexity)}</td>
            <td class="figure">${formatBytes(reading.bytes)}</td>`
          : nothing
      }
      <td>${this.#answer(answer)}</td>
    </tr>`;
  }

  /** What a model wrote is text, whatever it looks like. */
  #answer({ text, tokens, ended }: Answered) {
    return html`<span lang="en" dir="auto">${text}${ended ? nothing : "…"}</span>
      <small>(${t("rate.tokens", { count: tokens, tokens: formatInteger(tokens) })})</small>`;
  }

  async #run(): Promise<void> {
    const { pair, choices } = stateNow(this);
    if (!pair || this.#running || !isOwn(choices)) return;
    const running = new AbortController();
    const { signal } = running;
    this.#running = running;
    this.trouble = undefined;
    const { trials, text, prompt } = this;
    try {
      const onStep = (step: Step) => {
        if (!signal.aborted) this.step = step;
      };
      onStep("answer");
      this.own ??= await answerOf(pair, prompt, signal);
      for (const { name, trial } of trials) {
        const outcome = await runTrial(pair, trial, { text, prompt, signal, onStep });
        this.rows = [...this.rows.filter((row) => row.name !== name), { name, outcome }];
      }
    } catch (error) {
      if (!signal.aborted) this.trouble = troubleOf(error);
      if (this.trouble?.code === "device-lost") wish(this, "pair-failed", error);
    } finally {
      running.abort(); // where the pair failed, nothing else ends what is under way
      this.#running = undefined;
      this.step = undefined;
      wish(this, "memory-changed");
    }
  }
}
customElements.define("try-it", TryIt);
