import { FIRST_VIEW, VIEW_NAMES, type ViewName } from "./views.js";

/**
 * Which view the address names: `?view=bench`. A query works on any static host, at any path, where a path of its own
 * would need the host to rewrite it; and it leaves the fragment to the views.
 */
export function viewOf({ searchParams }: URL): ViewName {
  const asked = searchParams.get("view");
  return VIEW_NAMES.find((known) => known === asked) ?? FIRST_VIEW;
}

/** Settings of the page, whichever view is open: the models in the place of its own. */
const PAGE_WIDE = ["teacher", "student"] as const;

/** The query that leads to a view from `from`, in the language that this one names. Other settings are the old view's own. */
export function queryFor(view: ViewName, from: URL, lang = from.searchParams.get("lang")): string {
  const query = new URLSearchParams();
  if (view !== FIRST_VIEW) query.set("view", view);
  if (lang) query.set("lang", lang);
  for (const kept of PAGE_WIDE) {
    const value = from.searchParams.get(kept);
    if (value) query.set(kept, value);
  }
  // Never empty: an empty link leads to the same query again.
  return `?${query}`;
}

/** A click that asks for a new tab or window, or for a download, is the browser's own affair. */
export function isPlainClick({ button, metaKey, ctrlKey, shiftKey, altKey }: MouseEvent): boolean {
  return button === 0 && !metaKey && !ctrlKey && !shiftKey && !altKey;
}
