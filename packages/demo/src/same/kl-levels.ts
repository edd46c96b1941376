/** Where one shade ends and the next begins, in nats. */
export const KL_BOUNDS = [0.05, 0.25, 0.75, 1.5, 3] as const;

/** The shade of a divergence: 0 for none to speak of, 5 for the darkest. */
export function klLevel(nats: number): number {
  const level = KL_BOUNDS.findIndex((bound) => nats < bound);
  return level < 0 ? KL_BOUNDS.length : level;
}
