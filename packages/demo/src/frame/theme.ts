/** `auto` follows the device. index.html applies the same rule before the first paint. */
export type Theme = "auto" | "light" | "dark";
export const THEMES: readonly Theme[] = ["auto", "light", "dark"];

const KEY = "theme";
const device = matchMedia("(prefers-color-scheme: dark)");

export function chosenTheme(): Theme {
  const stored = localStorage.getItem(KEY);
  return stored === "light" || stored === "dark" ? stored : "auto";
}

export function chooseTheme(theme: Theme): void {
  if (theme === "auto") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, theme);
  apply();
}

function apply(): void {
  const theme = chosenTheme();
  const dark = theme === "auto" ? device.matches : theme === "dark";
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

device.addEventListener("change", apply);
