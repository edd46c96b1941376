import { spawn } from "node:child_process";
import { basename } from "node:path";

export interface CommandOptions {
  readonly signal: AbortSignal;
  readonly timeoutSeconds: number;
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a program to its end, with this process's environment: a driver that it names holds for the program, too.
 *
 * @returns What it wrote to stdout.
 * @throws Error with the end of what it wrote to stderr, when it cannot start, fails, or takes too long.
 */
export function runCommand(
  program: string,
  words: readonly string[],
  { signal, timeoutSeconds, cwd, env }: CommandOptions,
): Promise<string> {
  const timeout = 1000 * timeoutSeconds;
  const child = spawn(program, words, {
    stdio: ["ignore", "pipe", "pipe"],
    signal,
    timeout,
    env: { ...process.env, ...env },
    ...(cwd && { cwd }),
  });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      output[stream] += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", (cause) => reject(new Error(`${program} cannot be run: ${cause.message}`)));
    child.on("close", (status, end) => {
      if (status === 0) return resolve(output.stdout);
      const how = end ? `ended by ${end} (its limit is ${Math.round(timeoutSeconds)} s)` : `exit status ${status}`;
      const last = output.stderr.trim().split("\n").slice(-4).join(" ").slice(-600);
      reject(new Error(`${basename(program)}: ${how}${last && `: ${last}`}`));
    });
  });
}
