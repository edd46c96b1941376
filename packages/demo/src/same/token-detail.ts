import { css, html, nothing } from "lit";
import { ROLES, type Role } from "../engine/roles.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import "../parts/role-badge.js";
import { roleColours, shared } from "../parts/styles.js";
import { formatNats, formatPerplexity, formatShare } from "../text/format.js";
import type { Place } from "./score.js";
import { quoted, visibleInList } from "./visible.js";

/** One place of the text: what each model expected there, as bars side by side on one scale. */
export class TokenDetail extends Localized {
  static override properties = { place: { attribute: false }, texts: { attribute: false } };
  declare place: Place;
  /** Of the tokens in both lists; one still on its way shows its number. */
  declare texts: ReadonlyMap<number, string>;

  static override styles = [
    shared,
    roleColours,
    css`
      section {
        padding: 1rem 1.1rem 1.1rem;
        border: 1px solid var(--line);
        border-radius: 0.6rem;
      }

      h2 {
        font-size: 1rem;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }

      dl {
        display: flex;
        flex-wrap: wrap;
        gap: 0.2rem 1.5rem;
        margin: 0.5rem 0 0.9rem;
        font-size: 0.9rem;
      }

      dl > div {
        display: flex;
        gap: 0.4rem;
      }

      dt {
        color: var(--soft-ink);
      }

      .lists {
        display: grid;
        grid-template-columns: repeat(2, minmax(0, 1fr));
        gap: 1.25rem;
      }

      h3 {
        display: flex;
        gap: 0.5rem;
        align-items: center;
        margin: 0 0 0.5rem;
        color: var(--role);
        font-size: 0.9rem;
      }

      ol {
        display: grid;
        gap: 0.35rem;
        margin: 0;
        padding: 0;
        list-style: none;
      }

      li {
        display: grid;
        grid-template-columns: minmax(0, 8.5rem) minmax(0, 1fr) 3.4rem;
        gap: 0.6rem;
        align-items: center;
        font-size: 0.9rem;
      }

      .text {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: pre;
      }

      .came .text {
        font-weight: 700;
      }

      .bar {
        height: 0.9rem;
        border-radius: 2px;
        background: var(--role-wash);
      }

      .bar i {
        display: block;
        height: 100%;
        min-width: 1px;
        border-radius: 2px;
        background: var(--role);
      }

      .share {
        text-align: end;
      }

      @media (max-width: 719px) {
        .lists {
          gap: 0.75rem;
        }

        li {
          grid-template-columns: minmax(0, 1fr) auto;
          gap: 0 0.4rem;
        }

        .bar {
          grid-column: 1 / -1;
          grid-row: 2;
          height: 0.45rem;
        }
      }
    `,
  ];

  override render() {
    const { id, text, kl, probability, running } = this.place;
    const { perplexity } = running;
    return html`<section>
      <h2>${id === undefined ? t("same:detail.atEnd") : t("same:detail.after", { text: quoted(text) })}</h2>
      <dl>
        <div><dt>${t("same:detail.kl")}</dt><dd class="figure">${formatNats(kl)} ${t("same:figure.nats")}</dd></div>
        ${
          probability
            ? html`<div><dt>${t("same:detail.came")}</dt><dd class="figure">${this.#both((role) => formatShare(probability[role]))}</dd></div>`
            : nothing
        }
        <div>
          <dt>${t("same:detail.upTo")}</dt>
          <dd>
            ${t("same:figure.kl")} ${formatNats(running.kl)} ${t("same:figure.nats")}, ${t("same:figure.agreement")}
            ${formatShare(running.agreement)}${perplexity ? html`, ${t("same:figure.perplexity")} ${this.#both((role) => formatPerplexity(perplexity[role]))}` : nothing}
          </dd>
        </div>
      </dl>
      <div class="lists">${ROLES.map((role) => this.#list(role))}</div>
    </section>`;
  }

  /** The letter of a model stands for it where there is no room for its name. */
  #both(figure: (role: Role) => string) {
    return ROLES.map((role) => html`<span title=${t(`role.${role}`)}>${t(`letter.${role}`)} ${figure(role)}</span> `);
  }

  #list(role: Role) {
    return html`<div class=${role}>
      <h3><role-badge of=${role}></role-badge>${t("same:detail.choices", { role: t(`role.${role}`) })}</h3>
      <ol>${this.place.top[role].map(({ id, probability }) => this.#choice(id, probability))}</ol>
    </div>`;
  }

  #choice(id: number, probability: number) {
    const came = id === this.place.id;
    return html`<li class=${came ? "came" : ""}>
      <span class="text">${visibleInList(this.texts.get(id) ?? `#${id}`)}${came ? html` ✓<span class="visually-hidden"> (${t("same:detail.here")})</span>` : nothing}</span>
      <span class="bar" aria-hidden="true"><i style="width: ${100 * probability}%"></i></span>
      <span class="share figure">${formatShare(probability)}</span>
    </li>`;
  }
}
customElements.define("token-detail", TokenDetail);
