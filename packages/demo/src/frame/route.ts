import { CHOICE_KEYS } from "../engine/choice.js";
import { SETTINGS_KEYS } from "../state/settings.js";
import { fragmentOf, writeFragment } from "./fragment.js";
import { FIRST_VIEW, VIEW_NAMES, type ViewName } from "./views.js";

/**
 * Which view the address names: `?view=bench`. A query works on any static host, at any path, where a path of its own
 * would need the host to rewrite it; and it leaves the fragment to the views.
 */
export function viewOf({ searchParams }: URL): ViewName {
  const asked = searchParams.get("view");
  return VIEW_NAMES.find((known) => known === asked) ?? FIRST_VIEW;
}

/** Settings of the page, whichever view is open; all other keys are the open view's own. */
const PAGE_WIDE: readonly string[] = [...CHOICE_KEYS, "theme", ...SETTINGS_KEYS];

export interface LinkOptions {
  /** Default: the language that `from` names. */
  readonly lang?: string | null;
  /** What it says of the view alone, as `ownPart` gives it. Default: nothing. */
  readonly own?: string;
}

/** The link that leads to a view from `from`. Other settings than the page's are the old view's own. */
export function queryFor(view: ViewName, from: URL, { lang, own = "" }: LinkOptions = {}): string {
  const link = new URL(own || "?", from);
  const { searchParams: rest } = link;
  const query = new URLSearchParams();
  const language = lang ?? from.searchParams.get("lang");
  if (view !== FIRST_VIEW) query.set("view", view);
  if (language) query.set("lang", language);
  for (const key of PAGE_WIDE) {
    const value = from.searchParams.get(key);
    if (value !== null) query.set(key, value);
  }
  for (const [key, value] of rest) query.set(key, value);
  const kept = [...fragmentOf(from)].filter(([key]) => PAGE_WIDE.includes(key));
  writeFragment(link, new Map([...kept, ...fragmentOf(link)]));
  // Never empty: an empty link leads to the same query again.
  return `?${query}${link.hash}`;
}

/** What an address says of its view alone. */
export function ownPart(address: URL): string {
  const own = new URL(address);
  for (const key of ["view", "lang", ...PAGE_WIDE]) own.searchParams.delete(key);
  writeFragment(own, new Map([...fragmentOf(address)].filter(([key]) => !PAGE_WIDE.includes(key))));
  return `${own.search || "?"}${own.hash}`;
}

/** A click that asks for a new tab or window, or for a download, is the browser's own affair. */
export function isPlainClick({ button, metaKey, ctrlKey, shiftKey, altKey }: MouseEvent): boolean {
  return button === 0 && !metaKey && !ctrlKey && !shiftKey && !altKey;
}
