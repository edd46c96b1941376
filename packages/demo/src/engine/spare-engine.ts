import { connectEngine, type Engine } from "@alambic/engine";
import type { Pair } from "./pair.js";
import { orFail } from "./waiting.js";

let own: Promise<Engine> | undefined;

/** An engine for what needs a device but no loaded model: the pair's where it is there, otherwise one of its own. */
export function spareEngine(pair: Pair | undefined): Promise<Engine> {
  if (pair) return Promise.resolve(pair.engine);
  own ??= openEngine().catch((error) => {
    own = undefined; // the next try opens another
    throw error;
  });
  return own;
}

async function openEngine(): Promise<Engine> {
  const worker = new Worker(new URL("../engine.worker.ts", import.meta.url), {
    type: "module",
    name: "alambic-spare",
  });
  const broken = new Promise<Error>((resolve) => {
    worker.addEventListener("error", ({ message }) => resolve(new Error(message || "The engine's worker broke down.")));
  });
  void broken.then(() => {
    own = undefined;
  });
  try {
    return await orFail(connectEngine(worker), broken);
  } catch (error) {
    worker.terminate();
    throw error;
  }
}
