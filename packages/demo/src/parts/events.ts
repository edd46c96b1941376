import type { Choice } from "../engine/choice.js";
import type { Role } from "../engine/roles.js";
import type { ViewName } from "../frame/views.js";
import type { Settings } from "../state/store.js";

/** What components ask for. They bubble to `<alambic-app>`, which hands each to the control whose affair it is. */
export interface Wishes {
  /** `query` where a link says more than the view: it has been made with `queryFor`. */
  "open-view": { readonly view: ViewName; readonly query?: string };
  "check-again": undefined;
  "load-pair": undefined;
  /** Another model for one side; it is fetched when the pair is loaded. */
  "choose-model": { readonly role: Role; readonly choice: Choice };
  /** Gives the models back, so that others can be chosen. */
  "unload-pair": undefined;
  "stop-loading": undefined;
  /** The engine threw what means that the device is gone. */
  "pair-failed": unknown;
  /** Something was put on the GPU or taken from it. */
  "memory-changed": undefined;
  "send-prompt": string;
  /** Instead of the last prompt. */
  "edit-prompt": string;
  "measure-alone": undefined;
  "stop-race": undefined;
  regenerate: undefined;
  "clear-conversation": undefined;
  "change-settings": Partial<Settings>;
  "reset-settings": undefined;
}

export function wish<Name extends keyof Wishes>(
  element: HTMLElement,
  name: Name,
  ...[detail]: Wishes[Name] extends undefined ? [] : [Wishes[Name]]
): void {
  element.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
}
