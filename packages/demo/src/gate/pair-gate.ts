import { html, nothing } from "lit";
import { Localized } from "../i18n/localized.js";
import type { State } from "../state/store.js";
import "./load-gate.js";
import "./load-progress.js";
import "./missing-webgpu.js";
import "./trouble-notice.js";

/** What stands between the user and the models, whichever view they are in. Nothing once the pair is loaded. */
export class PairGate extends Localized {
  static override properties = { state: { attribute: false } };
  declare state: State;

  override render() {
    const { phase, support } = this.state;
    switch (phase.kind) {
      case "checking":
      case "idle":
        return html`<load-gate .support=${support} .room=${this.state.room} .choices=${this.state.choices} .stoppedAt=${phase.kind === "idle" ? phase.stoppedAt : undefined}></load-gate>`;
      case "unsupported":
        return html`<missing-webgpu .support=${support!}></missing-webgpu>`;
      case "loading":
        return html`<load-progress .progress=${phase.progress}></load-progress>`;
      case "failed":
      case "lost":
        return html`<trouble-notice .lost=${phase.kind === "lost"} .trouble=${phase.trouble}></trouble-notice>`;
      case "ready":
        return nothing;
    }
  }
}
customElements.define("pair-gate", PairGate);
