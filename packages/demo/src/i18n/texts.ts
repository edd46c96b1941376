export const LANGUAGES = ["fr", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

/**
 * Where texts are, by namespace and language: the page's own, which every view may use, and a view's own, which are
 * fetched with it. A view's line here is all it takes beside its two files; `loadTexts` reads from it.
 */
export const TEXTS = {
  translation: {
    fr: async () => (await import("./fr.js")).fr,
    en: async () => (await import("./en.js")).en,
  },
  same: {
    fr: async () => (await import("../same/texts.fr.js")).fr,
    en: async () => (await import("../same/texts.en.js")).en,
  },
  duel: {
    fr: async () => (await import("../duel/texts.fr.js")).fr,
    en: async () => (await import("../duel/texts.en.js")).en,
  },
  inside: {
    fr: async () => (await import("../inside/texts.fr.js")).fr,
    en: async () => (await import("../inside/texts.en.js")).en,
  },
  bench: {
    fr: async () => (await import("../bench/texts.fr.js")).fr,
    en: async () => (await import("../bench/texts.en.js")).en,
  },
  models: {
    fr: async () => (await import("../models/texts.fr.js")).fr,
    en: async () => (await import("../models/texts.en.js")).en,
  },
} as const satisfies Record<string, Readonly<Record<Language, () => Promise<object>>>>;

export type Namespace = keyof typeof TEXTS;
/** The texts of each namespace, as its English file spells them. */
export type Resources = { [Name in Namespace]: Awaited<ReturnType<(typeof TEXTS)[Name]["en"]>> };
