import { css, html, nothing } from "lit";
import "../gate/pair-gate.js";
import { choiceParam } from "../frame/params.js";
import { ViewParams } from "../frame/view-params.js";
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
  static override properties = { state: { attribute: false } };
  declare state: State;
  readonly #shown = new ViewParams(this, { tab: choiceParam<Tab>("tab", "text", TABS) });

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

  override render() {
    const { state } = this;
    const { tab: open } = this.#shown.values;
    return html`<div class="page">
      <h1>${t("same:heading")}</h1>
      <p class="lead">${t("same:lead")}</p>
      ${state.phase.kind === "ready" ? nothing : html`<pair-gate .state=${state}></pair-gate>`}
      <div role="tablist" aria-label=${t("same:tabs")} @keydown=${this.#key}>${TABS.map((tab) => this.#tab(tab, tab === open))}</div>
      <div role="tabpanel" id="panel-text" aria-labelledby="tab-text" ?hidden=${open !== "text"}>
        <score-panel .state=${state}></score-panel>
      </div>
      <div role="tabpanel" id="panel-draft" aria-labelledby="tab-draft" ?hidden=${open !== "draft"}>
        <draft-panel .state=${state}></draft-panel>
      </div>
    </div>`;
  }

  #tab(tab: Tab, open: boolean) {
    return html`<button
      type="button"
      role="tab"
      id="tab-${tab}"
      aria-selected=${open}
      aria-controls="panel-${tab}"
      tabindex=${open ? 0 : -1}
      @click=${() => this.#shown.set({ tab })}
    >
      ${t(`same:tab.${tab}`)}
    </button>`;
  }

  #key(event: KeyboardEvent): void {
    const to = { ArrowLeft: "text", Home: "text", ArrowRight: "draft", End: "draft" }[event.key];
    if (!to) return;
    event.preventDefault();
    this.#shown.set({ tab: to as Tab });
    this.renderRoot.querySelector<HTMLElement>(`#tab-${to}`)?.focus();
  }
}
customElements.define("alambic-same", AlambicSame);
