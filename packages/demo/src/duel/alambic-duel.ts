import { css, html, nothing } from "lit";
import { address, onAddress, replaceAddress } from "../frame/address.js";
import { fragmentOf, writeFragment } from "../frame/fragment.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import "../gate/pair-gate.js";
import { stateNow, wish } from "../parts/events.js";
import { shared, viewPage } from "../parts/styles.js";
import "../race/prompt-box.js";
import "../race/settings-drawer.js";
import "../race/starting-prompts.js";
import { type State, type Trouble, troubleOf } from "../state/store.js";
import type { Duel, Vote } from "./duel.js";
import "./duel-answer.js";
import "./duel-reveal.js";
import "./duel-vote.js";
import "./energy-estimate.js";
import { playDuel } from "./play.js";
import { decodeDuel, FRAGMENT_KEY } from "./share.js";
import { count, readTally, type Tally, writeTally } from "./tally.js";

type Step =
  | { readonly kind: "prompt"; readonly badLink?: boolean; readonly trouble?: Trouble }
  | { readonly kind: "playing"; readonly half: boolean }
  | { readonly kind: "vote" | "revealed"; readonly duel: Duel };

/** The duel: one prompt, two answers without names, a vote, and then the names. */
export class AlambicDuel extends Localized {
  static override properties = { state: { attribute: false }, step: { state: true }, tally: { state: true } };
  declare state: State;
  declare step: Step;
  declare tally: Tally;
  #playing: AbortController | undefined;
  #leaveAddress = () => {};

  static override styles = [
    shared,
    viewPage,
    css`
      .prompt {
        max-width: 44rem;
        width: fit-content;
        margin: 0 auto;
        padding: 0.6rem 1rem;
        border-radius: 0.8rem;
        background: var(--inset);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }

      .answers {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr));
        gap: 1.25rem;
      }

      .playing {
        display: flex;
        flex-wrap: wrap;
        gap: 1rem;
        align-items: center;
      }
    `,
  ];

  constructor() {
    super();
    this.step = { kind: "prompt" };
    this.tally = readTally(localStorage);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#leaveAddress = onAddress((how) => {
      if (how === "travelled") void this.#openShared();
    });
    if (this.step.kind === "prompt") void this.#openShared();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#leaveAddress();
  }

  override render() {
    return html`<div class="page" @send-prompt=${this.#send} @stop-race=${this.#stop}>
      <h1>${t("duel:heading")}</h1>
      <p class="lead">${t("duel:lead")}</p>
      ${this.#step()}
      <energy-estimate .tokens=${this.#tokens()}></energy-estimate>
      <p class="visually-hidden" role="status">${this.#spoken()}</p>
    </div>`;
  }

  #step() {
    const { step } = this;
    switch (step.kind) {
      case "prompt":
        return html`${step.badLink ? html`<p class="said">${t("duel:badLink")}</p>` : nothing}
          ${step.trouble ? html`<p class="said" role="alert">${t("duel:trouble")} <span lang="en">${step.trouble.message}</span></p>` : nothing}
          ${this.#question()}`;
      case "playing":
        return html`<div class="playing">
          <p>${t(step.half ? "duel:half" : "duel:running")}</p>
          <button type="button" @click=${this.#stop}>■ ${t("prompt.stop")}</button>
        </div>`;
      case "vote":
        return html`${step.duel.fromLink ? html`<p class="said">${t("duel:shared")}</p>` : nothing} ${this.#answers(step.duel)}
          <duel-vote @vote=${(event: CustomEvent<Vote>) => this.#vote(step.duel, event.detail)}></duel-vote>`;
      case "revealed":
        return html`${this.#answers(step.duel)}
          <duel-reveal .duel=${step.duel} .tally=${this.tally} @again=${this.#again} @clear-tally=${() => this.#count({ wins: {}, both: 0, neither: 0 })}></duel-reveal>`;
    }
  }

  #question() {
    const { state } = this;
    if (state.phase.kind !== "ready") return html`<pair-gate .state=${state}></pair-gate>`;
    return html`<starting-prompts></starting-prompts>
      <prompt-box .racing=${false} .disabled=${false} .repeats=${false}>
        <settings-drawer .settings=${state.settings}></settings-drawer>
      </prompt-box>`;
  }

  #answers({ prompt, answers }: Duel) {
    const revealed = this.step.kind === "revealed";
    return html`<p class="prompt" dir="auto"><span class="visually-hidden">${t("duel:prompt")}: </span>${prompt}</p>
      <div class="answers">
        ${(["a", "b"] as const).map((seat) => html`<duel-answer .seat=${seat} .answer=${answers[seat]} .revealed=${revealed}></duel-answer>`)}
      </div>`;
  }

  /** Of the answer voted for, where there is one: what the estimate of a hosted model begins with. */
  #tokens(): number | undefined {
    if (this.step.kind !== "revealed") return undefined;
    const { answers, vote } = this.step.duel;
    const tokens = answers[vote?.choice === "b" ? "b" : "a"].tokens;
    return tokens > 0 ? tokens : undefined;
  }

  readonly #openShared = async () => {
    const encoded = fragmentOf(address()).get(FRAGMENT_KEY);
    if (encoded === undefined) return;
    const duel = await decodeDuel(encoded);
    this.#playing?.abort();
    this.step = duel ? { kind: "vote", duel: { ...duel, fromLink: true } } : { kind: "prompt", badLink: true };
  };

  async #send(event: CustomEvent<string>): Promise<void> {
    event.stopPropagation(); // the race's own control would hear it
    const { pair, settings } = stateNow(this);
    if (!pair || this.#playing) return;
    const playing = new AbortController();
    this.#playing = playing;
    this.step = { kind: "playing", half: false };
    try {
      const onHalf = () => {
        this.step = { kind: "playing", half: true };
      };
      const duel = await playDuel(pair, event.detail, { settings, signal: playing.signal, onHalf });
      this.step = { kind: "vote", duel };
    } catch (error) {
      const trouble = troubleOf(error);
      if (trouble.code === "device-lost") wish(this, "pair-failed", error);
      // A duel that was opened meanwhile stays.
      if (this.step.kind === "playing")
        this.step = playing.signal.aborted ? { kind: "prompt" } : { kind: "prompt", trouble };
    } finally {
      this.#playing = undefined;
      wish(this, "memory-changed");
    }
  }

  #stop(event: Event): void {
    event.stopPropagation();
    this.#playing?.abort(new DOMException("The duel was stopped.", "AbortError"));
  }

  #vote(duel: Duel, vote: Vote): void {
    this.#count(count(this.tally, duel, vote.choice));
    this.step = { kind: "revealed", duel: { ...duel, vote } };
  }

  #count(tally: Tally): void {
    this.tally = tally;
    writeTally(localStorage, tally);
  }

  #again(): void {
    // A reload must not bring the old duel back.
    replaceAddress((here) => {
      const fragment = fragmentOf(here);
      fragment.delete(FRAGMENT_KEY);
      writeFragment(here, fragment);
    });
    this.step = { kind: "prompt" };
  }

  #spoken(): string {
    const { step } = this;
    if (step.kind === "playing") return t("duel:live.running");
    if (step.kind === "vote") return t("duel:live.vote");
    if (step.kind !== "revealed") return "";
    const { a, b } = step.duel.answers;
    return t("duel:live.revealed", { a: a.contender.name, b: b.contender.name });
  }
}
customElements.define("alambic-duel", AlambicDuel);
