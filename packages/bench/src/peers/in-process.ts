import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "./command.js";
import { type PeerTask, timeoutOf } from "./peer.js";
import { type PeerLine, readPeerLine } from "./rows.js";
import type { PeerRequest } from "./run-tests.js";

const HERE = dirname(fileURLToPath(import.meta.url));

/** Runs a peer's script in a process of its own, with this one's environment, and reads its lines. */
export async function runInProcess(
  script: string,
  request: PeerRequest,
  task: PeerTask,
  env: Readonly<Record<string, string>> = {},
): Promise<PeerLine[]> {
  const output = await runCommand(process.execPath, [join(HERE, script), JSON.stringify(request)], {
    signal: task.signal,
    timeoutSeconds: timeoutOf(task),
    env,
  });
  return output
    .split("\n")
    .filter((line) => line !== "")
    .map(readPeerLine);
}

export const NODE = `Node ${process.versions.node}`;
