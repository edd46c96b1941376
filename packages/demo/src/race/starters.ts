/** Prompts to start with, in the pair's own language; the page's texts say what they mean. */
export const STARTERS = {
  capital: "What is the capital of France?",
  sky: "Explain in two sentences why the sky is blue.",
  poem: "Write a four-line poem about the sea.",
  sleep: "Give me three tips for sleeping better.",
  story: "Begin a story about a lighthouse keeper who finds a letter.",
  code: "Write a Python function that reverses a string.",
} as const;

export type Starter = keyof typeof STARTERS;
export const STARTER_NAMES = Object.keys(STARTERS) as readonly Starter[];
