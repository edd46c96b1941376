import { css, html } from "lit";
import { ROLES, type Role } from "../engine/roles.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import "../parts/role-badge.js";
import { roleColours, shared } from "../parts/styles.js";
import { isAnswering, type Turn } from "../state/store.js";
import { formatRate } from "../text/format.js";

/** The columns of a narrow screen: one tab a model, each with its speed, so that both stay comparable. The slot is the open one. */
export class ModelTabs extends Localized {
  static override properties = { selected: {}, turn: { attribute: false } };
  declare selected: Role;
  /** The turn whose speeds the tabs show. */
  declare turn: Turn | undefined;

  static override styles = [
    shared,
    roleColours,
    css`
      [role="tablist"] {
        position: sticky;
        top: 0;
        z-index: 1;
        display: grid;
        grid-template-columns: 1fr 1fr;
        margin-bottom: 1rem;
        background: var(--paper);
      }

      [role="tab"] {
        justify-content: flex-start;
        padding: 0.5rem 0.75rem;
        border: 0;
        border-bottom: 3px solid var(--line);
        border-radius: 0;
        text-align: start;
        line-height: 1.25;
      }

      [role="tab"][aria-selected="true"] {
        border-bottom-color: var(--role);
        background: var(--role-wash);
      }

      .name {
        color: var(--role);
        font-weight: 700;
      }

      .speed {
        display: block;
        font-size: 0.85rem;
      }
    `,
  ];

  override render() {
    return html`
      <div role="tablist" aria-label=${t("prompt.tabs")} @keydown=${this.#key}>${ROLES.map((role) => this.#tab(role))}</div>
      <div role="tabpanel" id="panel" aria-labelledby="tab-${this.selected}"><slot></slot></div>
    `;
  }

  #tab(role: Role) {
    const open = role === this.selected;
    return html`<button
      type="button"
      role="tab"
      id="tab-${role}"
      class=${role}
      aria-selected=${open}
      aria-controls="panel"
      tabindex=${open ? 0 : -1}
      @click=${() => this.#select(role)}
    >
      <role-badge of=${role}></role-badge>
      <span><span class="name">${t(`role.${role}`)}</span> <span class="speed figure">${this.#speed(role)}</span></span>
    </button>`;
  }

  #speed(role: Role): string {
    const answer = this.turn?.answers[role];
    const rate = answer && (isAnswering(answer) ? (answer.figures.now ?? answer.figures.mean) : answer.figures.mean);
    return `${rate === undefined ? "–" : formatRate(rate)} ${t("rate.unit")}`;
  }

  #key(event: KeyboardEvent): void {
    const to = { ArrowLeft: "teacher", Home: "teacher", ArrowRight: "student", End: "student" }[event.key];
    if (!to) return;
    event.preventDefault();
    this.#select(to as Role);
    this.renderRoot.querySelector<HTMLElement>(`#tab-${to}`)?.focus();
  }

  #select(role: Role): void {
    this.dispatchEvent(new CustomEvent<Role>("select-role", { detail: role }));
  }
}
customElements.define("model-tabs", ModelTabs);
