import type { Settings } from "../state/store.js";

/** What components ask for. They bubble to `<alambic-app>`, which hands each to the race's control. */
export interface Wishes {
  "check-again": undefined;
  "load-pair": undefined;
  "stop-loading": undefined;
  "send-prompt": string;
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
