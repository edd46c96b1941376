// A text that was read is part of the address, in its fragment, which browsers do not send to any server.
const FRAGMENT = "#text=";

export function readText(hash: string): string | undefined {
  if (!hash.startsWith(FRAGMENT)) return undefined;
  try {
    return decodeURIComponent(hash.slice(FRAGMENT.length)) || undefined;
  } catch {
    return undefined; // a link that was cut within a character
  }
}

export function writeText(text: string): void {
  history.replaceState(
    history.state,
    "",
    `${location.pathname}${location.search}${FRAGMENT}${encodeURIComponent(text)}`,
  );
}
