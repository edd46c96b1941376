import { join } from "node:path";
import { root } from "./pnpm.mjs";
import { build, runStep } from "./run-step.mjs";

/** Builds the page and serves it on a URL that vite prints. Arguments are vite's: `npm run demo -- --port 8080 --open`. */
export async function demo(args) {
  const status = await build("@alambic/demo");
  return status === 0 ? runStep("vite", ["preview", ...args], { cwd: join(root, "packages", "demo") }) : status;
}
