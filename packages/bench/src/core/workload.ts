/** One row's work, in llama-bench's terms: `pp` reads a prompt, `tg` writes tokens, both after `depth` tokens of context. */
export interface Workload {
  readonly kind: "pp" | "tg";
  /** Tokens that are timed. */
  readonly tokens: number;
  /** Tokens in the cache before them, which are not timed. */
  readonly depth: number;
}

/** `pp512`, `tg128`, `tg128 @ d4096`, as llama-bench prints them. */
export function nameOf({ kind, tokens, depth }: Workload): string {
  return `${kind}${tokens}${depth > 0 ? ` @ d${depth}` : ""}`;
}

/** Every combination; a length of 0 leaves its kind out. */
export function workloads(
  prompts: readonly number[],
  generated: readonly number[],
  depths: readonly number[],
): Workload[] {
  return depths.flatMap((depth) => [
    ...prompts.filter((tokens) => tokens > 0).map((tokens) => ({ kind: "pp", tokens, depth }) as const),
    ...generated.filter((tokens) => tokens > 0).map((tokens) => ({ kind: "tg", tokens, depth }) as const),
  ]);
}

/** Tokens a session must hold for it. */
export function contextOf({ kind, tokens, depth }: Workload): number {
  // A token before those written, the first of which comes from its prefill; or the one token written after a prompt.
  return depth + tokens + (kind === "tg" ? 2 : 1);
}

/** The ids of a workload's prompt: random, and the same each time. */
export function promptOf({ kind, tokens, depth }: Workload, vocabulary: number): number[] {
  let state = 1;
  return Array.from({ length: depth + (kind === "pp" ? tokens : 1) }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0; // Numerical Recipes' generator; its high bits are the good ones
    return Math.floor((state / 2 ** 32) * vocabulary);
  });
}
