import { pathToFileURL } from "node:url";
import { readRequest, tellParent } from "./process.js";
import { type PeerContext, type PeerRequest, runTests } from "./run-tests.js";

/** What this process is asked for. */
export interface LlamaCppRequest extends PeerRequest {
  readonly package: string;
  /** A GGUF file. */
  readonly model: string;
  readonly gpu: "vulkan" | false;
  /** Tokens of the longest test. */
  readonly context: number;
  /** As many as there are cores: of its own accord it takes more and then waits for itself. */
  readonly threads: number;
}

// The part of node-llama-cpp that is used: the package is not there when this is compiled.
interface Sequence {
  evaluate(ids: readonly number[], options: object): AsyncIterable<number>;
  evaluateWithoutGeneratingNewTokens(ids: readonly number[]): Promise<void>;
  clearHistory(): Promise<void>;
}
interface Llama {
  getGpuDeviceNames(): Promise<string[]>;
  loadModel(options: object): Promise<{ createContext(options: object): Promise<{ getSequence(): Sequence }> }>;
}
interface NodeLlamaCpp {
  getLlama(options: object): Promise<Llama>;
}

const request = readRequest<LlamaCppRequest>();
const { getLlama } = (await import(pathToFileURL(request.package).href)) as NodeLlamaCpp;
const llama = await getLlama({
  gpu: request.gpu,
  build: "never",
  skipDownload: true,
  progressLogs: false,
  logLevel: "error",
});
// Without a device it would run on the CPU and say nothing.
const devices = request.gpu === false ? [] : await llama.getGpuDeviceNames();
if (request.gpu !== false && devices.length === 0) throw new Error("llama.cpp found no Vulkan device");
const model = await llama.loadModel({ modelPath: request.model, gpuLayers: request.gpu === false ? 0 : "max" });
const sequence = (
  await model.createContext({
    contextSize: request.context,
    batchSize: Math.min(512, request.context),
    threads: request.threads,
  })
).getSequence();

const context: PeerContext = {
  async generate(ids, count, onId) {
    let written = 0;
    for await (const id of sequence.evaluate(ids, { temperature: 0, yieldEogToken: true })) {
      onId(id);
      if (++written === count) break;
    }
  },
  dispose: () => sequence.clearHistory(),
};

async function open(held: readonly number[]): Promise<PeerContext> {
  await sequence.clearHistory();
  if (held.length > 0) await sequence.evaluateWithoutGeneratingNewTokens(held);
  return context;
}

tellParent({ type: "about", runsOn: request.gpu === false ? "CPU" : `Vulkan, ${devices.join(", ")}` });
await runTests({ open }, request, tellParent);
process.exit(0);
