import type { ModelInfo } from "@alambic/engine";
import { css, html, nothing } from "lit";
import type { Role } from "../engine/roles.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import "../parts/method-note.js";
import "../parts/role-badge.js";
import { sizeClass } from "../parts/size-class.js";
import { roleColours, shared } from "../parts/styles.js";
import { formatBytes, formatCount, formatInteger } from "../text/format.js";

/** The head of a model's column: who answers here, and how large it is. */
export class ModelColumn extends Localized {
  static override properties = {
    of: {},
    name: {},
    info: { attribute: false },
    loaded: { type: Boolean },
    untitled: { type: Boolean },
  };
  declare of: Role;
  declare name: string;
  declare info: ModelInfo;
  /** Whether its weights are on the GPU now. */
  declare loaded: boolean;
  /** Where a tab above already names the model. */
  declare untitled: boolean;

  static override styles = [
    shared,
    roleColours,
    css`
      :host {
        display: block;
        min-width: 0;
      }

      header {
        display: flex;
        gap: 0.7rem;
        align-items: center;
      }

      h2 {
        color: var(--role);
        font-size: 1.05rem;
        line-height: 1.3;
      }

      .name {
        color: var(--soft-ink);
        font-size: 0.85rem;
      }

      dl {
        display: flex;
        flex-wrap: wrap;
        gap: 0.2rem 1.25rem;
        margin-top: 0.5rem;
        font-size: 0.85rem;
      }

      dl > div {
        display: flex;
        flex-direction: row-reverse;
        gap: 0.35rem;
        align-items: center;
      }

      dt {
        color: var(--soft-ink);
      }

      dd {
        font-weight: 650;
      }
    `,
  ];

  override render() {
    const { info, of } = this;
    return html`<div class=${of}>
      <header>
        <role-badge of=${of} ?hidden=${this.untitled}></role-badge>
        <div>
          <h2 class=${this.untitled ? "visually-hidden" : ""}>${t(`role.${of}`)}</h2>
          <p class="name">${this.name}</p>
        </div>
      </header>
      <dl>
        <div><dt>${t("column.parameters")}</dt><dd class="figure">${formatCount(info.parameters.total)}</dd></div>
        <div><dt>${t("column.layers")}</dt><dd class="figure">${formatInteger(info.layers)}</dd></div>
        <div>
          <dt>${t("column.size")} <method-note question=${t("rate.sizeAsk")}>${t("column.sizeMethod")}</method-note></dt>
          <dd>${sizeClass(info.parameters.total)}</dd>
        </div>
        ${
          this.loaded
            ? html`<div>
                <dt>${t("column.memory")} <method-note question=${t("rate.memoryAsk")}>${t("column.memoryMethod")}</method-note></dt>
                <dd class="figure">${formatBytes(info.gpuBytes)}</dd>
              </div>`
            : nothing
        }
      </dl>
    </div>`;
  }
}
customElements.define("model-column", ModelColumn);
