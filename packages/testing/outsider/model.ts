import { compare, connectEngine, Model, openGpu } from "@alambic/engine";

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

/** How far a model is from itself over a text, with the likeliest tokens of its first position. */
export async function compared(source: string | URL, ids: readonly number[]) {
  const gpu = await openGpu();
  const model = await Model.load(source, { gpu });
  const { positions } = await compare(model, model, ids);
  gpu.dispose();
  return { kl: positions.map(({ kl }) => kl), top: positions.map(({ teacher_top5 }) => teacher_top5[0]!.id) };
}

/** The kernels for GPUs that do not compile on this device, or disagree with the plain ones there, with the reasons. */
export async function refusedKernels(source: string | URL) {
  const gpu = await openGpu();
  // A software adapter is offered other kernels than a GPU.
  Object.assign(gpu, { adapter: { ...gpu.adapter, kind: "gpu" } });
  let known: Readonly<Record<string, string>> = {};
  const tuningCache = {
    get: async () => known,
    set: async (_: string, choices: Readonly<Record<string, string>>) => {
      known = choices;
    },
  };
  const refused: unknown[] = [];
  // A search has its time; the next load goes on where it stopped.
  for (let untried = 1; untried > 0; ) {
    const model = await Model.load(source, { gpu, tune: "cached", tuningCache });
    refused.push(...model.report.dropped);
    untried = model.report.untried.length;
    model.dispose();
  }
  gpu.dispose();
  return { kernels: Object.keys(known), refused };
}
