import { address, replaceAddress } from "./address.js";

/** `auto` follows the device. index.html applies the same rule before the first paint. */
export type Theme = "auto" | "light" | "dark";
export const THEMES: readonly Theme[] = ["auto", "light", "dark"];

const KEY = "theme";
const device = matchMedia("(prefers-color-scheme: dark)");

/** The address's, else the one chosen on this device before. */
export function chosenTheme(): Theme {
  const chosen = themeOf(address().searchParams.get(KEY)) ?? themeOf(localStorage.getItem(KEY));
  return chosen ?? "auto";
}

export function chooseTheme(theme: Theme): void {
  if (theme === "auto") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, theme);
  replaceAddress(({ searchParams }) => {
    if (theme === "auto") searchParams.delete(KEY);
    else searchParams.set(KEY, theme);
  });
  applyTheme();
}

export function applyTheme(): void {
  const theme = chosenTheme();
  const dark = theme === "auto" ? device.matches : theme === "dark";
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

function themeOf(text: string | null): "light" | "dark" | undefined {
  return text === "light" || text === "dark" ? text : undefined;
}

device.addEventListener("change", applyTheme);
