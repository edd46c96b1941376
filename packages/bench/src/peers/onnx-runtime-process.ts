import { pathToFileURL } from "node:url";
import { readRequest, tellParent } from "./process.js";
import { type PeerContext, type PeerRequest, runTests } from "./run-tests.js";

/** What this process is asked for. */
export interface OnnxRuntimeRequest extends PeerRequest {
  readonly package: string;
  readonly model: string;
  readonly layers: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

// The part of onnxruntime-node that is used: the package is not there when this is compiled.
interface Tensor {
  getData(): Promise<Float32Array>;
  dispose(): void;
}
type Tensors = Record<string, Tensor>;
interface Session {
  run(inputs: Tensors): Promise<Tensors>;
}
interface OnnxRuntime {
  readonly InferenceSession: { create(path: string, options: object): Promise<Session> };
  readonly Tensor: new (type: string, data: ArrayBufferView, shape: readonly number[]) => Tensor;
}

const request = readRequest<OnnxRuntimeRequest>();
const loaded = await import(pathToFileURL(request.package).href);
const { InferenceSession, Tensor }: OnnxRuntime = loaded.default ?? loaded;
const parts = ["key", "value"].flatMap((part) => Array.from({ length: request.layers }, (_, at) => `${at}.${part}`));
const session = await InferenceSession.create(request.model, {
  executionProviders: ["webgpu"],
  logSeverityLevel: 3,
  preferredOutputLocation: Object.fromEntries(parts.map((part) => [`present.${part}`, "gpu-buffer"])),
});

/** Keys and values of what was read so far; they stay on the GPU. */
class Context implements PeerContext {
  #past = parts.map((): Tensor => new Tensor("float32", new Float32Array(), [1, request.kvHeads, 0, request.headDim]));
  #length = 0;

  async generate(ids: readonly number[], count: number, onId: (id: number) => void): Promise<void> {
    let next = await this.read(ids);
    onId(next);
    for (let written = 1; written < count; written++) {
      next = await this.read([next]);
      onId(next);
    }
  }

  /** Reads tokens and takes the likeliest next one. */
  async read(ids: readonly number[]): Promise<number> {
    this.#length += ids.length;
    const inputs: Tensors = {
      input_ids: new Tensor("int64", BigInt64Array.from(ids, BigInt), [1, ids.length]),
      attention_mask: new Tensor("int64", new BigInt64Array(this.#length).fill(1n), [1, this.#length]),
    };
    for (const [at, part] of parts.entries()) inputs[`past_key_values.${part}`] = this.#past[at]!;
    const outputs = await session.run(inputs);
    this.dispose();
    this.#past = parts.map((part) => outputs[`present.${part}`]!);
    const logits = await outputs.logits!.getData();
    let best = 0;
    for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[best]!) best = id;
    return best;
  }

  dispose(): void {
    for (const tensor of this.#past) tensor.dispose();
    this.#past = [];
  }
}

async function open(held: readonly number[]): Promise<Context> {
  const context = new Context();
  if (held.length > 0) await context.read(held);
  return context;
}

await runTests({ open }, request, tellParent);
// The library's own clean-up at the end of a process is not ours to wait for.
process.exit(0);
