import { ROLES } from "../engine/roles.js";
import type { Turn } from "../state/store.js";

/** The right end of a scale that holds every value: 1, 2 or 5 times a power of ten, so that it seldom moves. */
export function roundedUp(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find((step) => step * power >= value)! * power;
}

/** One scale for both answers of a turn. */
export function scaleOf(turn: Turn): number {
  return roundedUp(
    Math.max(...ROLES.flatMap((role) => [turn.answers[role].figures.now ?? 0, turn.answers[role].figures.mean ?? 0])),
  );
}
