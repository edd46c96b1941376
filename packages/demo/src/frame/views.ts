import type { LitElement } from "lit";
import { loadTexts } from "../i18n/index.js";
import type { State } from "../state/store.js";

/** An element that fills the page below the header. It reads the page's state and sends wishes, as all components do. */
export interface ViewElement extends LitElement {
  state: State;
}

interface View {
  readonly tag: string;
  /** Defines the element; fetched when the view is first opened. */
  readonly load: () => Promise<unknown>;
}

/**
 * The views, in the order of the header. A new one is a line here, its name under `views` in the texts, and a folder
 * whose element takes `.state`.
 */
export const VIEWS = {
  race: { tag: "alambic-race", load: () => import("../race/alambic-race.js") },
  same: { tag: "alambic-same", load: () => Promise.all([import("../same/alambic-same.js"), loadTexts("same")]) },
  duel: { tag: "alambic-duel", load: () => Promise.all([import("../duel/alambic-duel.js"), loadTexts("duel")]) },
  inside: {
    tag: "alambic-inside",
    // Which checkpoint to look at is chosen with the words of choosing a model.
    load: () => Promise.all([import("../inside/alambic-inside.js"), loadTexts("inside"), loadTexts("models")]),
  },
  bench: { tag: "alambic-bench", load: () => Promise.all([import("../bench/alambic-bench.js"), loadTexts("bench")]) },
} as const satisfies Record<string, View>;

export type ViewName = keyof typeof VIEWS;
export const VIEW_NAMES = Object.keys(VIEWS) as readonly ViewName[];

/** What `/` shows. */
export const FIRST_VIEW: ViewName = "race";
