import { css, html } from "lit";
import { checkSupport } from "../engine/support.js";
import { Localized } from "../i18n/localized.js";
import type { Wishes } from "../parts/events.js";
import { shared } from "../parts/styles.js";
import { RaceControl } from "../state/race-control.js";
import { Store } from "../state/store.js";
import "./app-header.js";
import "./status-bar.js";
import "../race/alambic-race.js";

type WishHandlers = { readonly [Name in keyof Wishes]: (detail: Wishes[Name]) => void };

/** The page: header, view, status bar. It alone knows the store and the control; what it holds gets properties and sends wishes. */
export class AlambicApp extends Localized {
  readonly #store = new Store();
  readonly #control = new RaceControl(this.#store, {
    checkSupport,
    // Not in the first script: the engine is for those who load the pair.
    openPair: async (options) => (await import("../engine/pair.js")).openPair(options),
  });

  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 100dvh;
      }

      main {
        flex: 1;
        display: flex;
        flex-direction: column;
        outline: none;
      }

      alambic-race {
        flex: 1;
      }

      @media (min-width: 720px) {
        status-bar {
          position: sticky;
          bottom: 0;
          z-index: 2;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.#store.subscribe(() => this.requestUpdate());
    const handlers: WishHandlers = {
      "check-again": () => this.#control.check(),
      "load-pair": () => this.#control.load(),
      "stop-loading": () => this.#control.stopLoading(),
      "send-prompt": (prompt) => this.#control.send(prompt),
      "stop-race": () => this.#control.stop(),
      regenerate: () => this.#control.regenerate(),
      "clear-conversation": () => this.#control.clear(),
      "change-settings": (change) => this.#control.changeSettings(change),
      "reset-settings": () => this.#control.resetSettings(),
    };
    for (const [name, handle] of Object.entries(handlers) as [string, (detail: unknown) => void][]) {
      this.addEventListener(name, (event) => handle((event as CustomEvent).detail));
    }
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#control.check();
  }

  override render() {
    const { state } = this.#store;
    return html`
      <app-header @skip=${this.#skip}></app-header>
      <main tabindex="-1"><alambic-race .state=${state}></alambic-race></main>
      <status-bar .state=${state}></status-bar>
    `;
  }

  #skip(): void {
    this.renderRoot.querySelector<HTMLElement>("main")?.focus();
  }
}
customElements.define("alambic-app", AlambicApp);
