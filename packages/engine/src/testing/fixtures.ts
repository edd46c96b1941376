import { fileURLToPath } from "node:url";

/** The folder of one of the small checkpoints beside `src`. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));
}
