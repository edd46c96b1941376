import { describe, expect, test } from "vitest";
import { preferredLanguage } from "./index.js";
import { TEXTS } from "./texts.js";

const NAMESPACES = await Promise.all(
  Object.entries(TEXTS).map(async ([name, { en, fr }]) => ({ name, en: texts(await en()), fr: texts(await fr()) })),
);

/** Every text by its path. That no key is missing is checked by the types. */
function texts(messages: object, path = ""): Map<string, string> {
  return new Map(
    Object.entries(messages).flatMap(([key, value]) =>
      typeof value === "string" ? [[`${path}${key}`, value] as const] : [...texts(value as object, `${path}${key}.`)],
    ),
  );
}

const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();

describe.each(NAMESPACES)("$name", ({ en, fr }) => {
  test("both languages say the same figures", () => {
    for (const [key, english] of en) expect(placeholders(fr.get(key)!), key).toEqual(placeholders(english));
  });

  test("no line of French begins with a double sign: the spaces before them do not break", () => {
    for (const [key, text] of fr)
      expect(text, key).not.toMatch(/[^\u202f\u00a0][;!?»]|[^\u202f\u00a0]:(?!\/)|«[^\u00a0]/);
  });
});

test.each([
  { address: "", browser: ["fr-CA", "en"], language: "fr" },
  { address: "", browser: ["en-GB", "fr"], language: "en" },
  { address: "", browser: ["de"], language: "en" },
  { address: "?lang=en", browser: ["fr"], language: "en" },
  { address: "?lang=xx", browser: ["fr"], language: "fr" },
])("$address with a browser in $browser is $language", ({ address, browser, language }) => {
  expect(preferredLanguage(new URL(`http://localhost/${address}`), browser)).toBe(language);
});
