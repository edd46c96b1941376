import { css, html } from "lit";
import type { Origin } from "../engine/origin.js";
import { ROLES, type Role } from "../engine/roles.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { shared } from "./styles.js";

/** Which checkpoint to look at: one of the pair, a repository of the Hub, or a folder. Sends `pick` with an `Origin`. */
export class SourcePicker extends Localized {
  static override properties = { origin: { attribute: false } };
  declare origin: Origin;

  static override styles = [
    shared,
    css`
      fieldset {
        display: flex;
        flex-wrap: wrap;
        gap: 0.6rem;
        align-items: end;
        margin: 0;
        padding: 0;
        border: 0;
      }

      button[aria-pressed="true"] {
        border-color: var(--ink);
        background: var(--inset);
        font-weight: 600;
      }

      form {
        display: flex;
        flex-wrap: wrap;
        gap: 0.6rem;
        align-items: end;
      }

      form label {
        display: grid;
        gap: 0.15rem;
        color: var(--soft-ink);
        font-size: 0.85rem;
      }

      input[type="text"] {
        width: min(19rem, 100%);
        min-height: 2.5rem;
        padding: 0.3rem 0.7rem;
        border: 1px solid var(--control);
        border-radius: 0.5rem;
        background: var(--paper);
        color: var(--ink);
        font-size: 1rem;
      }

      .file {
        position: relative;
        display: inline-flex;
        align-items: center;
        min-height: 2.5rem;
        padding: 0.35rem 1rem;
        border: 1px solid var(--control);
        border-radius: 0.5rem;
        cursor: pointer;
      }

      .file:has(:focus-visible) {
        outline: 2px solid var(--ink);
        outline-offset: 2px;
      }

      .file input {
        position: absolute;
        inset: 0;
        width: 100%;
        opacity: 0;
        cursor: pointer;
      }

      .note {
        margin-top: 0.4rem;
        color: var(--soft-ink);
        font-size: 0.85rem;
      }
    `,
  ];

  override render() {
    const { origin } = this;
    const shownRole = origin.kind === "embedded" ? origin.role : undefined;
    return html`<fieldset>
        <legend class="visually-hidden">${t("models:source.label")}</legend>
        ${ROLES.map((role) => html`<button type="button" aria-pressed=${role === shownRole} @click=${() => this.#pickRole(role)}>${t(`models:source.${role}`)}</button>`)}
        <form @submit=${this.#pickHub}>
          <label>
            ${t("models:source.hub")}
            <input type="text" name="id" spellcheck="false" autocapitalize="off" placeholder=${t("models:source.hubPlaceholder")} .value=${origin.kind === "hub" ? origin.id : ""} required pattern="\\s*[\\w.\\-]+/[\\w.\\-]+(@\\S+)?\\s*" aria-describedby="online" />
          </label>
          <button>${t("models:source.open")}</button>
        </form>
        <label class="file">
          ${t("models:source.folder")}
          <input type="file" webkitdirectory @change=${this.#pickFolder} />
        </label>
      </fieldset>
      <p class="note" id="online">${t("models:source.online")}</p>`;
  }

  #pickRole(role: Role): void {
    this.#send({ kind: "embedded", role });
  }

  #pickHub(event: SubmitEvent): void {
    event.preventDefault();
    const id = new FormData(event.target as HTMLFormElement).get("id");
    this.#send({ kind: "hub", id: String(id).trim() });
  }

  #pickFolder(event: Event): void {
    const input = event.target as HTMLInputElement;
    const files = [...(input.files ?? [])];
    const [first] = files;
    if (first) this.#send({ kind: "folder", name: first.webkitRelativePath.split("/")[0] || first.name, files });
    input.value = ""; // the same folder can be picked again
  }

  #send(detail: Origin): void {
    this.dispatchEvent(new CustomEvent("pick", { detail }));
  }
}
customElements.define("source-picker", SourcePicker);
