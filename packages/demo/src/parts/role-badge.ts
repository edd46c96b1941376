import { css, html } from "lit";
import type { Role } from "../engine/roles.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { roleColours } from "./styles.js";

/** The mark of a model: a letter in a round drop of copper for the teacher, in a green leaf for the student. */
export class RoleBadge extends Localized {
  static override properties = { of: {} };
  declare of: Role;

  static override styles = [
    roleColours,
    css`
      :host {
        display: inline-block;
        flex: none;
      }

      :host([hidden]) {
        display: none;
      }

      span {
        display: grid;
        place-items: center;
        width: 1.9em;
        height: 1.9em;
        border-radius: 50%;
        background: var(--role);
        color: var(--paper);
        font-weight: 700;
        line-height: 1;
      }

      .student {
        border-radius: 0.2em 75% 0.2em 75%;
      }
    `,
  ];

  override render() {
    // The role's name always stands beside it in words.
    return html`<span class=${this.of} aria-hidden="true">${t(`letter.${this.of}`)}</span>`;
  }
}
customElements.define("role-badge", RoleBadge);
