import { css, html, nothing } from "lit";
import "../gate/pair-gate.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { shared, viewPage } from "../parts/styles.js";
import type { State } from "../state/store.js";
import "./draft-panel.js";
import "./score-panel.js";

const TABS = ["text", "draft"] as const;
type Tab = (typeof TABS)[number];

/** The same context: where a student parts from its teacher, token by token, and what it is worth as its draft. */
export class AlambicSame extends Localized {
  static override properties = { state: { attribute: false }, tab: { state: true } };
  declare state: State;
  declare tab: Tab;

  static override styles = [
    shared,
    viewPage,
    css`
      [role="tablist"] {
        display: flex;
        gap: 0.5rem;
        border-bottom: 1px solid var(--line);
      }

      [role="tab"] {
        border-color: transparent;
        border-bottom: 3px solid transparent;
        border-radius: 0;
        background: none;
      }

      [role="tab"][aria-selected="true"] {
        border-bottom-color: var(--ink);
        font-weight: 650;
      }
    `,
  ];

  constructor() {
    super();
    const asked = new URL(location.href).searchParams.get("tab");
    this.tab = TABS.find((known) => known === asked) ?? "text";
  }

  override render() {
    const { state } = this;
    return html`<div class="page">
      <h1>${t("same:heading")}</h1>
      <p class="lead">${t("same:lead")}</p>
      ${state.phase.kind === "ready" ? nothing : html`<pair-gate .state=${state}></pair-gate>`}
      <div role="tablist" aria-label=${t("same:tabs")} @keydown=${this.#key}>${TABS.map((tab) => this.#tab(tab))}</div>
      <div role="tabpanel" id="panel-text" aria-labelledby="tab-text" ?hidden=${this.tab !== "text"}>
        <score-panel .state=${state}></score-panel>
      </div>
      <div role="tabpanel" id="panel-draft" aria-labelledby="tab-draft" ?hidden=${this.tab !== "draft"}>
        <draft-panel .state=${state}></draft-panel>
      </div>
    </div>`;
  }

  #tab(tab: Tab) {
    const open = tab === this.tab;
    return html`<button
      type="button"
      role="tab"
      id="tab-${tab}"
      aria-selected=${open}
      aria-controls="panel-${tab}"
      tabindex=${open ? 0 : -1}
      @click=${() => this.#select(tab)}
    >
      ${t(`same:tab.${tab}`)}
    </button>`;
  }

  #key(event: KeyboardEvent): void {
    const to = { ArrowLeft: "text", Home: "text", ArrowRight: "draft", End: "draft" }[event.key];
    if (!to) return;
    event.preventDefault();
    this.#select(to as Tab);
    this.renderRoot.querySelector<HTMLElement>(`#tab-${to}`)?.focus();
  }

  /** The address remembers it. */
  #select(tab: Tab): void {
    this.tab = tab;
    const address = new URL(location.href);
    if (tab === "text") address.searchParams.delete("tab");
    else address.searchParams.set("tab", tab);
    history.replaceState(history.state, "", address);
  }
}
customElements.define("alambic-same", AlambicSame);
