import type { Recording } from "./replay.js";
import type { Starter } from "./starters.js";

/** A recorded run of each starting prompt, fetched when it is to be played. */
export const RECORDINGS: Readonly<Record<Starter, () => Promise<Recording>>> = {
  capital: async () => (await import("./recorded/capital.json", { with: { type: "json" } })).default,
  sky: async () => (await import("./recorded/sky.json", { with: { type: "json" } })).default,
  poem: async () => (await import("./recorded/poem.json", { with: { type: "json" } })).default,
  sleep: async () => (await import("./recorded/sleep.json", { with: { type: "json" } })).default,
  story: async () => (await import("./recorded/story.json", { with: { type: "json" } })).default,
  code: async () => (await import("./recorded/code.json", { with: { type: "json" } })).default,
};

/** Played first: short, in plain text, and both answers are about as long. */
export const FIRST_RECORDING: Starter = "poem";
