import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { madeByPython } from "./install.js";
import type { PeerTask } from "./peer.js";

const SCRIPT = join(dirname(fileURLToPath(import.meta.url)), "../../peers/fetch_gguf.py");

/**
 * The GGUF file that the teacher was converted from, one value to one: scales, offsets and codes are the same numbers.
 *
 * @returns The file.
 */
export async function ggufModel(task: PeerTask): Promise<string> {
  return join(await madeByPython(`${task.model}-gguf`, SCRIPT, (output) => [output], task), "model.gguf");
}
