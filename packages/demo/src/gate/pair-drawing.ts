import { css, html } from "lit";
import { EMBEDDED, ROLES, type Role } from "../engine/roles.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import "../parts/role-badge.js";
import { roleColours, shared } from "../parts/styles.js";
import { formatBytes, formatCount, formatInteger } from "../text/format.js";

const LARGEST = Math.max(...ROLES.map((role) => EMBEDDED[role].parameters));

/** The pair before it is loaded: each model a stack of its layers, as wide as it has parameters. */
export class PairDrawing extends Localized {
  static override styles = [
    shared,
    roleColours,
    css`
      figure {
        display: grid;
        gap: 0.6rem 1.25rem;
        margin: 0;
      }

      @media (min-width: 720px) {
        figure {
          grid-template-columns: 1fr 1fr;
        }

        figcaption {
          grid-column: 1 / -1;
        }
      }

      .head {
        display: flex;
        flex-wrap: wrap;
        gap: 0.2rem 0.7rem;
        align-items: center;
        margin-bottom: 0.5rem;
      }

      .role {
        color: var(--role);
        font-weight: 700;
      }

      .size {
        color: var(--soft-ink);
        font-size: 0.9rem;
      }

      .layers {
        display: flex;
        gap: 2px;
        height: 1.75rem;
      }

      .layers > i {
        flex: 1;
        background: var(--role);
        border-radius: 2px;
      }

      .student .layers > i:not(.embedding) {
        border-radius: 2px 70% 2px 2px;
      }

      .layers > .embedding {
        background: none;
        border: 2px solid var(--role);
      }

      figcaption {
        color: var(--soft-ink);
        font-size: 0.85rem;
      }
    `,
  ];

  override render() {
    return html`<figure>
      ${ROLES.map((role) => this.#model(role))}
      <figcaption>${t("gate.scale")}</figcaption>
    </figure>`;
  }

  #model(role: Role) {
    const { name, parameters, layers, bytes } = EMBEDDED[role];
    const size = { parameters: formatCount(parameters), layers: formatInteger(layers), bytes: formatBytes(bytes) };
    const embedding = embeddingShare(role);
    return html`<div class=${role}>
      <div class="head">
        <role-badge of=${role}></role-badge>
        <span class="role">${t(`role.${role}`)}</span>
        <span>${name}</span>
        <span class="size figure">${t("gate.model", size)}</span>
      </div>
      <div class="layers" style="width: ${(100 * parameters) / LARGEST}%" aria-hidden="true">
        <i class="embedding" style="flex: ${layers * (embedding / (1 - embedding))}"></i>
        ${Array.from({ length: layers }, () => html`<i></i>`)}
      </div>
    </div>`;
  }
}
customElements.define("pair-drawing", PairDrawing);

/** The share of a model's parameters that are its vocabulary: what is left once its equal layers are counted. */
function embeddingShare(role: Role): number {
  const { teacher, student } = EMBEDDED;
  const layer = (teacher.parameters - student.parameters) / (teacher.layers - student.layers);
  return 1 - (layer * EMBEDDED[role].layers) / EMBEDDED[role].parameters;
}
