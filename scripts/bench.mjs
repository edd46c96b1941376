import { join } from "node:path";
import { root } from "./pnpm.mjs";
import { build, runStep } from "./run-step.mjs";

/** Builds and runs the measurements. Arguments are passed on: `npm run bench -- --help`. */
export async function bench(args) {
  const status = await build("@alambic/bench");
  return status === 0 ? runStep("node", [join(root, "packages", "bench", "bin", "bench.js"), ...args]) : status;
}
