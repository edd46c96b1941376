import type { Choice, Duel } from "./duel.js";

/** Votes so far: for each model by name, and those for both or neither. Kept on the device, sent nowhere. */
export interface Tally {
  readonly wins: Readonly<Record<string, number>>;
  readonly both: number;
  readonly neither: number;
}

export const EMPTY_TALLY: Tally = { wins: {}, both: 0, neither: 0 };

export function count(tally: Tally, { answers }: Pick<Duel, "answers">, choice: Choice): Tally {
  if (choice === "both" || choice === "neither") return { ...tally, [choice]: tally[choice] + 1 };
  const { name } = answers[choice].contender;
  return { ...tally, wins: { ...tally.wins, [name]: (tally.wins[name] ?? 0) + 1 } };
}

export function duelsOf({ wins, both, neither }: Tally): number {
  return Object.values(wins).reduce((sum, n) => sum + n, both + neither);
}

const KEY = "duel-tally";

/** An empty one where nothing is stored, or something that is no tally. */
export function readTally(storage: Pick<Storage, "getItem">): Tally {
  try {
    const stored: unknown = JSON.parse(storage.getItem(KEY) ?? "null");
    return isTally(stored) ? stored : EMPTY_TALLY;
  } catch {
    return EMPTY_TALLY;
  }
}

/** Without a word where the browser keeps nothing: the votes then last as long as the page. */
export function writeTally(storage: Pick<Storage, "setItem">, tally: Tally): void {
  try {
    storage.setItem(KEY, JSON.stringify(tally));
  } catch {
    // Private windows and full disks refuse.
  }
}

function isTally(value: unknown): value is Tally {
  const { wins, both, neither } = (value ?? {}) as Partial<Record<keyof Tally, unknown>>;
  return isCount(both) && isCount(neither) && isCounts(wins);
}

function isCounts(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(isCount);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
