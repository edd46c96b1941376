import { css, html, nothing } from "lit";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { wish } from "../parts/events.js";
import { shared } from "../parts/styles.js";
import { isPlainClick, queryFor } from "./route.js";
import { VIEW_NAMES, type ViewName } from "./views.js";

/** Links to the views. Real ones: they open in a new tab, can be copied, and the browser's back button returns. */
export class ViewNav extends Localized {
  static override properties = { view: {}, from: {} };
  declare view: ViewName;
  /** The page's address: links keep what it says of the whole page. */
  declare from: string;

  static override styles = [
    shared,
    css`
      nav {
        display: flex;
        flex-wrap: wrap;
        gap: 0 1.4rem;
        max-width: 76rem;
        margin: 0 auto;
        padding: 0 1.25rem;
      }

      a {
        padding: 0.45rem 0 0.4rem;
        border-bottom: 3px solid transparent;
        color: var(--soft-ink);
        text-decoration: none;
        white-space: nowrap;
      }

      a:hover {
        border-color: var(--line);
        color: var(--ink);
      }

      a[aria-current] {
        border-color: var(--ink);
        color: var(--ink);
        font-weight: 650;
      }

      @media (max-width: 719px) {
        nav {
          gap: 0 1.1rem;
          padding-inline: 1rem;
        }
      }
    `,
  ];

  override render() {
    return html`<nav aria-label=${t("views.label")}>${VIEW_NAMES.map((view) => this.#link(view))}</nav>`;
  }

  #link(view: ViewName) {
    const open = (event: MouseEvent) => {
      if (!isPlainClick(event)) return;
      event.preventDefault();
      wish(this, "open-view", { view });
    };
    return html`<a
      href=${queryFor(view, new URL(this.from))}
      aria-current=${view === this.view ? "page" : nothing}
      @click=${open}
      >${t(`views.${view}`)}</a
    >`;
  }
}
customElements.define("view-nav", ViewNav);
