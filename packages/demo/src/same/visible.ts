import { t } from "../i18n/index.js";

/** A token's text with what cannot be seen made visible. A line break keeps breaking the line. */
export function visible(text: string): string {
  return text === "" ? "·" : text.replaceAll("\t", "⇥").replaceAll("\n", "↵\n");
}

/** As an entry of a list, where a blank would look like nothing. */
export function visibleInList(text: string): string {
  const shown = visible(text).trimEnd();
  return shown === "" ? "␣".repeat(text.length) : shown;
}

/** In quotation marks, for a sentence; what has no shape is named. */
export function quoted(text: string): string {
  return t("same:token.quoted", { text: nameOf(text) });
}

/** For those who hear it. */
export function nameOf(text: string): string {
  if (text === "") return t("same:token.part");
  if (text.trim() !== "") return text.trim();
  return text.includes("\n") ? t("same:token.newline") : t("same:token.space");
}
