import { css, html, nothing, svg } from "lit";
import { chooseLanguage, LANGUAGES, type Language, t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { shared } from "../parts/styles.js";
import { isPlainClick, ownPart, queryFor } from "./route.js";
import { chooseTheme, chosenTheme, THEMES, type Theme } from "./theme.js";
import type { ViewName } from "./views.js";

const STILL = svg`<svg viewBox="0 0 32 32" width="34" height="34" fill="none" stroke-width="2.25" stroke-linecap="round" aria-hidden="true">
  <path stroke="var(--teacher)" d="M9 13a8 8 0 1 0 8 0L14.5 4c6 0 11 4 12 13" />
  <path stroke="var(--teacher)" d="M7 21h12" opacity=".55" />
  <path fill="var(--student)" d="M26.5 20.500c3.500 4.500 3.500 7.500 0 7.500s-3.500-3 0-7.500z" />
</svg>`;

/** The name of the page, its language and its theme. */
export class AppHeader extends Localized {
  static override properties = { view: {}, language: {}, from: {} };
  /** All are part of the language links. */
  declare view: ViewName;
  declare language: Language;
  /** The page's address. */
  declare from: string;

  static override styles = [
    shared,
    css`
      .skip:not(:focus) {
        position: absolute;
        clip-path: inset(50%);
      }

      header {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem 1.5rem;
        align-items: center;
        max-width: 76rem;
        margin: 0 auto;
        padding: 0.75rem 1.25rem 0.35rem;
      }

      .name {
        display: flex;
        gap: 0.6rem;
        align-items: center;
        font-size: 1.25rem;
        font-weight: 700;
        letter-spacing: -0.01em;
      }

      .tagline {
        flex: 1;
        color: var(--soft-ink);
      }

      .choices {
        display: flex;
        gap: 1rem;
        align-items: center;
        margin-inline-start: auto;
        font-size: 0.9rem;
      }

      nav {
        display: flex;
      }

      nav a {
        padding: 0.3rem 0.6rem;
        border: 1px solid var(--control);
        text-decoration: none;
      }

      nav a:first-child {
        border-radius: 0.45rem 0 0 0.45rem;
      }

      nav a:last-child {
        border-inline-start: 0;
        border-radius: 0 0.45rem 0.45rem 0;
      }

      nav a[aria-current] {
        background: var(--ink);
        color: var(--paper);
      }

      select {
        min-height: 2.1rem;
        padding: 0.2rem 0.4rem;
        border: 1px solid var(--control);
        border-radius: 0.45rem;
        background: var(--paper);
      }

      @media (max-width: 719px) {
        header {
          flex-wrap: nowrap;
          padding: 0.6rem 1rem 0.3rem;
        }

        .choices {
          gap: 0.5rem;
        }

        select {
          max-width: 6rem;
        }

        .tagline {
          display: none;
        }
      }
    `,
  ];

  override render() {
    return html`<header>
      <button type="button" class="skip" @click=${() => this.dispatchEvent(new CustomEvent("skip"))}>${t("skip")}</button>
      <span class="name">${STILL} Alambic</span>
      <span class="tagline">${t("tagline")}</span>
      <div class="choices">
        <nav aria-label=${t("languages")}>${LANGUAGES.map((choice) => this.#languageLink(choice))}</nav>
        <label>
          <span class="visually-hidden">${t("theme.label")}</span>
          <select @change=${this.#changeTheme}>
            ${THEMES.map((theme) => html`<option value=${theme} ?selected=${theme === chosenTheme()}>${t(`theme.${theme}`)}</option>`)}
          </select>
        </label>
      </div>
    </header>`;
  }

  #languageLink(choice: Language) {
    const names = { fr: "Français", en: "English" };
    const choose = (event: MouseEvent) => {
      if (!isPlainClick(event)) return;
      event.preventDefault();
      void chooseLanguage(choice);
    };
    return html`<a
      href=${languageLink(this.view, new URL(this.from), choice)}
      lang=${choice}
      hreflang=${choice}
      title=${names[choice]}
      aria-current=${choice === this.language ? "true" : nothing}
      @click=${choose}
      >${choice.toUpperCase()}</a
    >`;
  }

  #changeTheme(event: Event): void {
    chooseTheme((event.target as HTMLSelectElement).value as Theme);
  }
}
customElements.define("app-header", AppHeader);

/** The same page in another language, with all that it shows. */
function languageLink(view: ViewName, from: URL, lang: Language): string {
  return queryFor(view, from, { lang, own: ownPart(from) });
}
