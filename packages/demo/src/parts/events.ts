import type { Choice } from "../engine/choice.js";
import type { Role } from "../engine/roles.js";
import type { ViewName } from "../frame/views.js";
import type { Settings } from "../state/settings.js";
import type { State } from "../state/store.js";

/** What components ask for. They bubble to `<alambic-app>`, which hands each to the control whose affair it is. */
export interface Wishes {
  /** `own`: what the address is to say of the view itself, as `ownPart` gives it; by default what it said when it was left. */
  "open-view": { readonly view: ViewName; readonly own?: string };
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
  /** Of one model, or of both while they are the same. */
  "change-settings": { readonly role: Role; readonly change: Partial<Settings> };
  /** Whether each model is to have settings of its own. */
  "part-settings": boolean;
  "reset-settings": undefined;
}

export function wish<Name extends keyof Wishes>(
  element: HTMLElement,
  name: Name,
  ...[detail]: Wishes[Name] extends undefined ? [] : [Wishes[Name]]
): void {
  element.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
}

/** An asker and, once the page has heard it, the answer. */
export interface StateRequest {
  state?: State;
}

export const STATE_REQUEST = "state-request";

/**
 * The page's state at this moment. What a component holds is what it drew last, and the page draws at most once a frame:
 * whoever begins something by the settings asks here, so that a change just made counts.
 */
export function stateNow(element: HTMLElement): State {
  const request: StateRequest = {};
  element.dispatchEvent(new CustomEvent(STATE_REQUEST, { detail: request, bubbles: true, composed: true }));
  if (!request.state) throw new Error(`<${element.localName}> is in no page that knows a state.`);
  return request.state;
}
