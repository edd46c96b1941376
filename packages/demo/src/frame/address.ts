// The page's address says what the page shows, settings included. It is read and written here alone.

/** Browsers refuse more than about a hundred changes in half a minute: while something is dragged or typed, one each of these. */
const REST_MS = 400;

/** `written`: the page changed it. `travelled`: the user went back, forward, or edited it; `from` is where they were. */
type Listener = (how: "written" | "travelled", from: URL) => void;

let current: URL | undefined;
let writtenAt = Number.NEGATIVE_INFINITY;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<Listener>();

/** Where the page is, changes that are yet to be written included. */
export function address(): URL {
  current ??= new URL(location.href);
  return new URL(current);
}

/** Changes the address in place: what was set, not where one went. */
export function replaceAddress(change: (address: URL) => void): void {
  const next = address();
  change(next);
  if (next.href === current?.href) return;
  const from = address();
  current = next;
  if (timer === undefined) {
    const rest = writtenAt + REST_MS - performance.now();
    if (rest <= 0) write();
    else timer = setTimeout(write, rest);
  }
  tell("written", from);
}

/** Goes on to another address, from which the browser's back button returns. */
export function pushAddress(query: string): void {
  if (timer !== undefined) write();
  const from = address();
  history.pushState(null, "", query);
  current = new URL(location.href);
  tell("written", from);
}

export function onAddress(listener: Listener): () => void {
  if (listeners.size === 0) addEventListener("popstate", travel);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) removeEventListener("popstate", travel);
  };
}

function travel(): void {
  const from = address();
  clearTimeout(timer); // what was yet to be written belongs to the address that was left
  timer = undefined;
  current = new URL(location.href);
  tell("travelled", from);
}

function write(): void {
  clearTimeout(timer);
  timer = undefined;
  writtenAt = performance.now();
  history.replaceState(history.state, "", current);
}

function tell(how: "written" | "travelled", from: URL): void {
  for (const listener of [...listeners]) listener(how, from);
}
