import { css, html, nothing } from "lit";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { wish } from "../parts/events.js";
import { shared } from "../parts/styles.js";

/** Where the user writes, and stops. The text stays here until it is sent. */
export class PromptBox extends Localized {
  static override properties = {
    racing: { type: Boolean },
    disabled: { type: Boolean },
    last: {},
    repeats: { type: Boolean },
    text: { state: true },
    editing: { state: true },
  };
  declare racing: boolean;
  declare disabled: boolean;
  /** The last prompt; without one there is nothing to answer again, to edit or to clear. */
  declare last: string | undefined;
  /** Whether answering again would give the same answer. */
  declare repeats: boolean;
  declare text: string;
  /** Whether the last prompt is being changed. */
  declare editing: boolean;

  static override styles = [
    shared,
    css`
      form {
        display: grid;
        grid-template-columns: 1fr auto;
        gap: 0.5rem 0.75rem;
        align-items: end;
      }

      textarea {
        display: block;
        width: 100%;
        min-height: 2.75rem;
        max-height: 10rem;
        padding: 0.6rem 0.9rem;
        border: 1px solid var(--control);
        border-radius: 0.6rem;
        background: var(--paper);
        outline-offset: 0;
        resize: none;
        field-sizing: content;
      }

      textarea::placeholder {
        color: var(--soft-ink);
        opacity: 1;
      }

      .send {
        min-height: 2.75rem;
      }

      .notes {
        grid-column: 1 / -1;
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem 1rem;
        align-items: center;
        min-height: 2rem;
        color: var(--soft-ink);
        font-size: 0.85rem;
      }

      .actions button {
        min-height: 2rem;
        padding: 0.15rem 0.7rem;
      }

      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem;
        margin-inline-start: auto;
      }

      @media (max-width: 719px) {
        .keys {
          display: none;
        }

        .actions {
          gap: 0.4rem;
          margin-inline-start: 0;
        }

        .actions button {
          padding-inline: 0.5rem;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.text = "";
    this.editing = false;
  }

  override render() {
    return html`<form @submit=${this.#submit}>
      <div>
        <label class="visually-hidden" for="prompt">${t("prompt.label")}</label>
        <textarea
          id="prompt"
          rows="1"
          .value=${this.text}
          placeholder=${t("prompt.placeholder")}
          aria-describedby="english"
          @input=${this.#write}
          @keydown=${this.#key}
        ></textarea>
      </div>
      ${
        this.racing
          ? html`<button type="button" class="send primary stop" @click=${() => wish(this, "stop-race")}>■ ${t("prompt.stop")}</button>`
          : html`<button type="submit" class="send primary" ?disabled=${this.disabled || this.text.trim() === ""}>${t("prompt.send")}</button>`
      }
      <div class="notes">
        <span id="english">${t(this.editing ? "prompt.editing" : "prompt.english")}</span>
        <span class="keys">${t("prompt.keys")}</span>
        <span class="actions">
          ${this.last === undefined ? nothing : this.#conversationButtons()}
          <slot></slot>
        </span>
      </div>
    </form>`;
  }

  #conversationButtons() {
    const idle = !this.racing && !this.disabled;
    return html`<button type="button" ?disabled=${!idle} title=${this.repeats ? t("prompt.same") : nothing} @click=${() => wish(this, "regenerate")}>${t("prompt.regenerate")}</button>
      <button type="button" ?disabled=${!idle} aria-pressed=${this.editing} @click=${() => this.#edit(!this.editing)}>${t("prompt.edit")}</button>
      <button type="button" ?disabled=${this.racing} @click=${() => wish(this, "clear-conversation")}>${t("prompt.clear")}</button>`;
  }

  #write(event: Event): void {
    this.text = (event.target as HTMLTextAreaElement).value;
  }

  /** Takes the last prompt up again, or leaves it as it was. */
  #edit(editing: boolean): void {
    this.editing = editing;
    this.text = editing ? (this.last ?? "") : "";
    if (editing) this.renderRoot.querySelector("textarea")?.focus();
  }

  #key(event: KeyboardEvent): void {
    if (event.key === "Escape" && this.editing) this.#edit(false);
    // While an input method composes, Enter accepts its suggestion.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#submit(event);
  }

  #submit(event: Event): void {
    event.preventDefault();
    if (this.racing || this.disabled || this.text.trim() === "") return;
    wish(this, this.editing ? "edit-prompt" : "send-prompt", this.text);
    this.editing = false;
    this.text = "";
  }
}
customElements.define("prompt-box", PromptBox);
