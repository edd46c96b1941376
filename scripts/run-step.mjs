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
export function runStep(command, args, { cwd = root, stdio = "inherit" } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio, shell: process.platform === "win32" });
    child.on("error", (error) => {
      console.error(`${command} could not be started: ${error.message}`);
      resolve(1);
    });
    child.on("close", (status) => resolve(status ?? 1));
  });
}

/**
 * Builds every package, or those that a turbo filter names. Unchanged ones come from turbo's cache in .turbo. All it
 * says goes to stderr, so that stdout is the command's that follows.
 */
export function build(...filters) {
  const args = ["run", "build", "--output-logs=errors-only", ...filters.map((filter) => `--filter=${filter}`)];
  return runStep("turbo", args, { stdio: ["ignore", process.stderr.fd, process.stderr.fd] });
}
