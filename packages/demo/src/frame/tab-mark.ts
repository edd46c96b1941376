import type { ReactiveController, ReactiveControllerHost } from "lit";

/** Says in the tab's title that answers are coming, and that they are there, to those who are in another tab meanwhile. */
export class TabMark implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #changed = () => this.#host.requestUpdate();
  #awaited = false;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    document.addEventListener("visibilitychange", this.#changed);
  }

  hostDisconnected(): void {
    document.removeEventListener("visibilitychange", this.#changed);
  }

  /** What goes before the title; nothing once the page was seen with its answers. */
  before(racing: boolean): string {
    if (!document.hidden) this.#awaited = false;
    else if (racing) this.#awaited = true;
    if (!this.#awaited) return "";
    return racing ? "… " : "✓ ";
  }
}
