import { SYNTHETIC_SHAPES } from "@alambic/bench";
import { EMBEDDED, ROLES } from "../engine/roles.js";

/** A model that can be chosen; the embedded ones have bytes to fetch. */
export type Rung =
  | { readonly name: string; readonly parameters: number; readonly bytes: number }
  | { readonly name: string; readonly like: string };

export const LADDER: readonly Rung[] = [
  ...ROLES.map((role) => {
    const { folder, parameters, bytes } = EMBEDDED[role];
    return { name: folder, parameters, bytes };
  }),
  ...SYNTHETIC_SHAPES.map(({ name, like }) => ({ name, like })),
];

/** What is chosen to begin with: what a slow adapter gets through. */
export const FIRST_CHOICE: readonly string[] = [
  "smollm2-135m-instruct",
  "smollm2-81m-student",
  "synthetic-15m",
  "synthetic-30m",
];

/** Where a model of the ladder is served, if it is one that is fetched. */
export function addressOf(name: string): string | undefined {
  const rung = LADDER.find((each) => each.name === name);
  return rung && "bytes" in rung ? new URL(`models/${name}/`, document.baseURI).href : undefined;
}
