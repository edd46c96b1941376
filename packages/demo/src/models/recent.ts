const KEY = "recent-models";
const MOST = 6;

/** Repositories that were chosen before, the last one first. Kept on the device. */
export function recentModels(): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(stored) ? stored.filter((id) => typeof id === "string").slice(0, MOST) : [];
  } catch {
    return [];
  }
}

export function rememberModel(id: string): void {
  try {
    localStorage.setItem(KEY, JSON.stringify([id, ...recentModels().filter((other) => other !== id)].slice(0, MOST)));
  } catch {
    // A browser that keeps nothing.
  }
}
