import { existsSync, readdirSync } from "node:fs";

/** Whether this machine may have a GPU. Only on Linux is it known that there is none. */
export function mayHaveGpu(): boolean {
  if (process.platform !== "linux") return true;
  return (
    existsSync("/dev/nvidia0") ||
    (existsSync("/dev/dri") && readdirSync("/dev/dri").some((name) => name.startsWith("renderD")))
  );
}
