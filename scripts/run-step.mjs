import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { environment, root } from "./pnpm.mjs";

const binaries = join(root, "node_modules", ".bin");
const env = { ...environment, PATH: `${binaries}${delimiter}${environment.PATH ?? ""}` };

/**
 * Runs a command of the workspace with its output on the terminal.
 *
 * @returns its exit status; 1 when it could not be started or a signal ended it
 */
export function runStep(command, args, { cwd = root } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: "inherit", shell: process.platform === "win32" });
    // Ctrl-C reaches the child by itself; this process stays to report how it ended.
    const ignore = () => {};
    process.on("SIGINT", ignore);
    child.on("error", (error) => {
      console.error(`${command} could not be started: ${error.message}`);
      resolve(1);
    });
    child.on("close", (status) => {
      process.off("SIGINT", ignore);
      resolve(status ?? 1);
    });
  });
}

/** Builds every package, or those that a turbo filter names. Unchanged ones come from turbo's cache in .turbo. */
export function build(...filters) {
  return runStep("turbo", [
    "run",
    "build",
    "--output-logs=errors-only",
    ...filters.map((filter) => `--filter=${filter}`),
  ]);
}
