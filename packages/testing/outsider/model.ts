import { connectEngine, Model, openGpu } from "@alambic/engine";

/** Logits and a greedy continuation, through the public entry point alone. */
export async function speak(source: string | URL, ids: readonly number[], maxTokens: number) {
  const gpu = await openGpu();
  const model = await Model.load(source, { gpu });
  const { logits } = await model.forward(ids);
  const { ids: greedy } = await model.generate(ids, { maxTokens }).result();
  model.dispose();
  const bytesLeft = gpu.buffers.bytes;
  gpu.dispose();
  return { logits: logits.map((row) => [...row]), greedy, bytesLeft };
}

/** The same continuation from a worker, as an app's page would ask for it. */
export async function speakInWorker(source: string, ids: readonly number[], maxTokens: number) {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const engine = await connectEngine(worker);
  const model = await engine.load(source);
  const { ids: greedy } = await model.generate(ids, { maxTokens }).result();
  engine.dispose();
  worker.terminate();
  return greedy;
}
