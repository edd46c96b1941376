import { css, html, nothing } from "lit";
import { EMBEDDED, ROLES } from "../engine/roles.js";
import { language, t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import "../parts/method-note.js";
import { sizeClass } from "../parts/size-class.js";
import { shared } from "../parts/styles.js";
import { formatBytes, formatCount, formatDuration, formatInteger } from "../text/format.js";
import { type Duel, type DuelAnswer, SEATS } from "./duel.js";
import { encodeDuel, FRAGMENT_KEY } from "./share.js";
import { duelsOf, type Tally } from "./tally.js";

/** After the vote: who wrote what and what it took, the score so far, and a link. Sends `again` and `clear-tally`. */
export class DuelReveal extends Localized {
  static override properties = { duel: { attribute: false }, tally: { attribute: false }, link: { state: true } };
  declare duel: Duel;
  declare tally: Tally;
  declare link: { readonly address: string; readonly copied: boolean } | undefined;

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: 1.5rem;
      }

      :host > * {
        min-width: 0;
      }

      .scroll {
        overflow-x: auto;
      }

      h2 {
        margin-bottom: 0.4rem;
        font-size: 1.25rem;
      }

      table {
        border-collapse: collapse;
      }

      th,
      td {
        padding: 0.35rem 1.5rem 0.35rem 0;
        border-bottom: 1px solid var(--line);
        text-align: start;
        vertical-align: top;
      }

      td.figure {
        white-space: normal;
      }

      tbody th {
        color: var(--soft-ink);
        font-weight: 400;
      }

      .note {
        max-width: 46rem;
        margin-top: 0.5rem;
        color: var(--soft-ink);
        font-size: 0.9rem;
      }

      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: 0.6rem;
        align-items: center;
      }

      ul {
        padding: 0;
        list-style: none;
      }

      .link {
        display: grid;
        gap: 0.3rem;
      }

      .link input {
        width: 100%;
        padding: 0.4rem 0.6rem;
        border: 1px solid var(--control);
        border-radius: 0.4rem;
        background: var(--paper);
      }
    `,
  ];

  override render() {
    const { duel } = this;
    const { choice, reasons } = duel.vote!;
    const said = [t(`duel:vote.${choice}`), ...reasons.map((reason) => t(`duel:reason.${reason}`))].join(", ");
    return html`<section>
        <h2 id="who">${t("duel:reveal.heading")}</h2>
        <p>${t("duel:reveal.voted", { choice: said })}</p>
        <div class="scroll" tabindex="0" role="region" aria-labelledby="who">${this.#table()}</div>
        <p class="note">${duel.fromLink ? t("duel:reveal.elsewhere") : t("duel:reveal.costNote")}</p>
      </section>
      <div class="actions">
        <button type="button" class="primary" @click=${() => this.dispatchEvent(new CustomEvent("again"))}>${t("duel:again")}</button>
        <button type="button" @click=${this.#share}>${t("duel:share.button")}</button>
      </div>
      ${this.#shared()} ${this.#score()}`;
  }

  #table() {
    const { answers } = this.duel;
    const row = (label: string, cell: (answer: DuelAnswer) => unknown) => html`<tr>
      <th scope="row">${label}</th>
      ${SEATS.map((seat) => html`<td class="figure">${cell(answers[seat])}</td>`)}
    </tr>`;
    const measured = !this.duel.fromLink;
    return html`<table>
      <thead>
        <tr>
          <td></td>
          ${SEATS.map((seat) => html`<th scope="col">${t("duel:answer", { seat: seat.toUpperCase() })}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${row(t("duel:reveal.model"), ({ contender }) => contender.name)}
        ${row(t("duel:reveal.parameters"), ({ contender }) => formatCount(contender.parameters))}
        ${row(t("duel:reveal.size"), ({ contender }) => sizeClass(contender.parameters))}
        ${row(t("duel:reveal.open"), ({ contender }) => openness(contender.name))}
        ${row(t("duel:reveal.tokens"), ({ tokens }) => formatInteger(tokens))}
        ${measured ? row(t("duel:reveal.time"), ({ cost }) => formatDuration(cost!.milliseconds)) : nothing}
        ${measured ? row(t("duel:reveal.read"), ({ cost }) => formatBytes(cost!.bytesRead)) : nothing}
      </tbody>
    </table>`;
  }

  #score() {
    const { tally } = this;
    const duels = duelsOf(tally);
    if (duels === 0) return nothing;
    return html`<section aria-labelledby="score">
      <h2 id="score">${t("duel:tally.heading")}</h2>
      <ul>
        ${Object.entries(tally.wins).map(([name, wins]) => html`<li><strong class="figure">${formatInteger(wins)}</strong> ${t("duel:tally.for", { name })}</li>`)}
        ${(["both", "neither"] as const).filter((each) => tally[each] > 0).map((each) => html`<li><strong class="figure">${formatInteger(tally[each])}</strong> ${t(`duel:tally.${each}`)}</li>`)}
      </ul>
      <p class="note">${t("duel:tally.duels", { count: duels, duels: formatInteger(duels) })}</p>
      <button type="button" @click=${() => this.dispatchEvent(new CustomEvent("clear-tally"))}>${t("duel:tally.clear")}</button>
    </section>`;
  }

  #shared() {
    const { link } = this;
    if (!link) return nothing;
    return html`<div class="link">
      <p role="status">${link.copied ? t("duel:share.copied") : nothing}</p>
      <label for="link">${link.copied ? nothing : t("duel:share.manual")}</label>
      <input id="link" readonly aria-label=${t("duel:share.manual")} .value=${link.address} @focus=${(event: Event) => (event.target as HTMLInputElement).select()} />
    </div>`;
  }

  async #share(): Promise<void> {
    // The texts and the language: settings, and with them a system prompt, are nobody else's.
    const query = new URLSearchParams({ view: "duel", lang: language() });
    const address = new URL(`?${query}#${FRAGMENT_KEY}=${await encodeDuel(this.duel)}`, location.href).href;
    const copied = await navigator.clipboard.writeText(address).then(
      () => true,
      () => false, // not allowed here: the link is shown to be copied by hand
    );
    this.link = { address, copied };
  }
}
customElements.define("duel-reveal", DuelReveal);

function openness(name: string): string {
  const known = ROLES.some((role) => EMBEDDED[role].name === name);
  return t(known ? "duel:reveal.openness" : "duel:reveal.opennessUnknown");
}
