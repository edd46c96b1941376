import { css, html } from "lit";
import { checkSupport } from "../engine/support.js";
import { followLanguage, language, t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { shortOfRoom } from "../offline/room.js";
import { STATE_REQUEST, type StateRequest, type Wishes } from "../parts/events.js";
import { shared } from "../parts/styles.js";
import { PairControl } from "../state/pair-control.js";
import { RaceControl } from "../state/race-control.js";
import { settingsOf } from "../state/settings.js";
import { isRacing, Store } from "../state/store.js";
import { address, onAddress, pushAddress } from "./address.js";
import { ownPart, queryFor, viewOf } from "./route.js";
import { TabMark } from "./tab-mark.js";
import { applyTheme } from "./theme.js";
import { FIRST_VIEW, VIEWS, type ViewElement, type ViewName } from "./views.js";
import "./app-header.js";
import "./status-bar.js";
import "./view-nav.js";

type WishHandlers = { readonly [Name in keyof Wishes]: (detail: Wishes[Name]) => void };

/**
 * The page: header, view, status bar. It alone knows the store and the controls; what it holds gets properties and
 * sends wishes. The pair is loaded once for all views.
 */
export class AlambicApp extends Localized {
  static override properties = { view: { state: true } };
  declare view: ViewName;

  readonly #store = new Store(address());
  readonly #mark = new TabMark(this);
  readonly #pair = new PairControl(this.#store, {
    checkSupport,
    shortOfRoom,
    // Not in the first script: the engine is for those who load the pair.
    openPair: async (options) => (await import("../engine/pair.js")).openPair(options),
  });
  readonly #race = new RaceControl(this.#store, this.#pair);
  /** Views opened so far. One that is left keeps what was typed into it, and is shown again as it was. */
  readonly #opened = new Map<ViewName, ViewElement>();
  /** What the address said of a view when it was left: opened again by its link, it says so again. */
  readonly #left = new Map<ViewName, string>();
  #leaveAddress = () => {};

  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 100dvh;
      }

      .top {
        border-bottom: 1px solid var(--line);
      }

      main {
        flex: 1;
        display: flex;
        flex-direction: column;
        outline: none;
      }

      main > * {
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
    this.view = viewOf(address());
    this.#store.subscribe(() => this.requestUpdate());
    const handlers: WishHandlers = {
      "open-view": ({ view, own }) => this.#open(view, own),
      "check-again": () => this.#pair.check(),
      "load-pair": () => this.#pair.load(),
      "choose-model": ({ role, choice }) => this.#pair.choose(role, choice),
      "unload-pair": () => {
        this.#race.stop();
        this.#race.clear();
        this.#pair.unload();
      },
      "stop-loading": () => this.#pair.stopLoading(),
      "pair-failed": (error) => this.#pair.lose(error),
      "memory-changed": () => this.#pair.account(),
      "send-prompt": (prompt) => this.#race.send(prompt),
      "edit-prompt": (prompt) => this.#race.edit(prompt),
      "measure-alone": () => this.#race.measureAlone(),
      "stop-race": () => this.#race.stop(),
      regenerate: () => this.#race.regenerate(),
      "clear-conversation": () => this.#race.clear(),
      "change-settings": ({ role, change }) => this.#race.changeSettings(role, change),
      "part-settings": (apart) => this.#race.partSettings(apart),
      "reset-settings": () => this.#race.resetSettings(),
    };
    for (const [name, handle] of Object.entries(handlers) as [string, (detail: unknown) => void][]) {
      this.addEventListener(name, (event) => handle((event as CustomEvent).detail));
    }
    this.addEventListener(STATE_REQUEST, (event) => {
      (event as CustomEvent<StateRequest>).detail.state = this.#store.state;
    });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#leaveAddress = onAddress((how, from) => {
      if (how === "travelled") this.#follow(from);
      else this.requestUpdate();
    });
    void this.#pair.check();
    void this.#fetchView();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#leaveAddress();
  }

  override render() {
    const { state } = this.#store;
    const view = this.#opened.get(this.view);
    if (view) view.state = state;
    const name = t(`views.${this.view}`);
    const from = address().href;
    const title = this.view === FIRST_VIEW ? t("title") : `${name} · Alambic`;
    document.title = this.#mark.before(isRacing(state)) + title;
    return html`
      <div class="top">
        <app-header .view=${this.view} .from=${from} .language=${language()} @skip=${this.#focusView}></app-header>
        <view-nav .view=${this.view} .from=${from} .language=${language()}></view-nav>
      </div>
      <main tabindex="-1" aria-label=${name}>${view}</main>
      <status-bar .state=${state}></status-bar>
    `;
  }

  async #open(view: ViewName, own = this.#left.get(view) ?? ""): Promise<void> {
    const from = address();
    this.#left.set(this.view, ownPart(from));
    pushAddress(queryFor(view, from, { own }));
    await this.#show(view);
    // A new page would begin at its top, for the eye and for the keyboard.
    scrollTo(0, 0);
    this.#focusView();
  }

  /** The user went back or forward: the page is again what the address says. */
  #follow(from: URL): void {
    const here = address();
    const view = viewOf(here);
    if (view !== this.view) this.#left.set(this.view, ownPart(from));
    this.#store.update({ settings: settingsOf(here) });
    this.#pair.followAddress(here);
    applyTheme();
    void followLanguage();
    void this.#show(view);
  }

  async #show(view: ViewName): Promise<void> {
    this.view = view;
    await this.#fetchView();
    await this.updateComplete;
  }

  async #fetchView(): Promise<void> {
    const { view } = this;
    if (this.#opened.has(view)) return;
    const { tag, load } = VIEWS[view];
    await load();
    const element = document.createElement(tag) as ViewElement;
    element.state = this.#store.state;
    this.#opened.set(view, element);
    this.requestUpdate();
  }

  #focusView(): void {
    this.renderRoot.querySelector<HTMLElement>("main")?.focus({ preventScroll: true });
  }
}
customElements.define("alambic-app", AlambicApp);
