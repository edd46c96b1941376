import i18next from "i18next";
import { address, replaceAddress } from "../frame/address.js";
import { LANGUAGES, type Language, type Namespace, type Resources, TEXTS } from "./texts.js";

export { LANGUAGES, type Language } from "./texts.js";

declare module "i18next" {
  interface CustomTypeOptions {
    resources: Resources;
  }
}

/** The text of a key in the page's language. Numbers come in already written by text/format.ts. */
export const t = i18next.t;

/** Namespaces fetched so far: a change of language fetches them all. */
const used = new Set<Namespace>(["translation"]);

/** Fetches the texts of a view; to be awaited before it renders. */
export async function loadTexts(namespace: Namespace): Promise<void> {
  used.add(namespace);
  await fetchTexts(language());
}

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
  const lng = preferredLanguage(address(), navigator.languages);
  await i18next.init({ lng, fallbackLng: false, resources: {}, interpolation: { escapeValue: false } });
  await changeLanguage(lng);
}

/** Follows the address, after the user travelled. */
export async function followLanguage(): Promise<void> {
  const next = preferredLanguage(address(), navigator.languages);
  if (next !== language()) await changeLanguage(next);
}

/** Changes the page's language, fetching its texts the first time. */
export async function changeLanguage(next: Language): Promise<void> {
  await fetchTexts(next);
  await i18next.changeLanguage(next);
  document.documentElement.lang = next;
}

/** As `changeLanguage`, and the address remembers it. */
export async function chooseLanguage(next: Language): Promise<void> {
  replaceAddress(({ searchParams }) => searchParams.set("lang", next));
  await changeLanguage(next);
}

export function onLanguageChange(listener: () => void): () => void {
  i18next.on("languageChanged", listener);
  return () => i18next.off("languageChanged", listener);
}

async function fetchTexts(lng: Language): Promise<void> {
  const missing = [...used].filter((namespace) => !i18next.hasResourceBundle(lng, namespace));
  await Promise.all(
    missing.map(async (namespace) => {
      i18next.addResourceBundle(lng, namespace, await TEXTS[namespace][lng]());
    }),
  );
}
