import i18next from "i18next";
import type { en } from "./en.js";

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
  }
}

export const LANGUAGES = ["fr", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

const LOADERS: Readonly<Record<Language, () => Promise<object>>> = {
  fr: async () => (await import("./fr.js")).fr,
  en: async () => (await import("./en.js")).en,
};

/** The text of a key in the page's language. Numbers come in already written by text/format.ts. */
export const t = i18next.t;

export function language(): Language {
  return i18next.language as Language;
}

/** The address decides, then the browser: French for French browsers, English for all others. */
export function preferredLanguage(address: URL, browser: readonly string[]): Language {
  const asked = address.searchParams.get("lang");
  if (LANGUAGES.some((known) => known === asked)) return asked as Language;
  return browser[0]?.toLowerCase().startsWith("fr") ? "fr" : "en";
}

export async function startLanguage(): Promise<void> {
  const lng = preferredLanguage(new URL(location.href), navigator.languages);
  await i18next.init({ lng, fallbackLng: false, resources: {}, interpolation: { escapeValue: false } });
  await changeLanguage(lng);
}

/** Changes the page's language, fetching its texts the first time. */
export async function changeLanguage(next: Language): Promise<void> {
  if (!i18next.hasResourceBundle(next, "translation")) {
    i18next.addResourceBundle(next, "translation", await LOADERS[next]());
  }
  await i18next.changeLanguage(next);
  document.documentElement.lang = next;
  document.title = t("title");
}

/** As `changeLanguage`, and the address remembers it. */
export async function chooseLanguage(next: Language): Promise<void> {
  const address = new URL(location.href);
  address.searchParams.set("lang", next);
  history.replaceState(history.state, "", address);
  await changeLanguage(next);
}

export function onLanguageChange(listener: () => void): () => void {
  i18next.on("languageChanged", listener);
  return () => i18next.off("languageChanged", listener);
}
