import { pathToFileURL } from "node:url";
import type { Workload } from "../core/workload.js";
import type { PeerLine } from "./rows.js";

interface Test extends Workload {
  readonly name: string;
  readonly prompt: readonly number[];
}

/** What this process is asked for, as JSON in its first argument. Answers are lines of JSON on stdout. */
export interface OnnxRuntimeRequest {
  readonly package: string;
  readonly model: string;
  readonly layers: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly reference: { readonly prompt: readonly number[]; readonly count: number };
  readonly tests: readonly Test[];
  readonly repetitions: number;
  readonly budgetSeconds: number;
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

const request = JSON.parse(process.argv[2]!) as OnnxRuntimeRequest;
const loaded = await import(pathToFileURL(request.package).href);
const { InferenceSession, Tensor }: OnnxRuntime = loaded.default ?? loaded;
const parts = ["key", "value"].flatMap((part) => Array.from({ length: request.layers }, (_, at) => `${at}.${part}`));
const session = await InferenceSession.create(request.model, {
  executionProviders: ["webgpu"],
  logSeverityLevel: 3,
  preferredOutputLocation: Object.fromEntries(parts.map((part) => [`present.${part}`, "gpu-buffer"])),
});

/** Keys and values of what was read so far; they stay on the GPU. */
class Context {
  #past = parts.map((): Tensor => new Tensor("float32", new Float32Array(), [1, request.kvHeads, 0, request.headDim]));
  #length = 0;

  /** Reads tokens and takes the likeliest next one. */
  async next(ids: readonly number[]): Promise<number> {
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

  async write(first: number, count: number): Promise<number[]> {
    const ids = [first];
    while (ids.length < count) ids.push(await this.next([ids.at(-1)!]));
    return ids;
  }

  dispose(): void {
    for (const tensor of this.#past) tensor.dispose();
    this.#past = [];
  }
}

async function fresh<T>(use: (context: Context) => Promise<T>): Promise<T> {
  const context = new Context();
  try {
    return await use(context);
  } finally {
    context.dispose();
  }
}

function tell(line: PeerLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

// The clock sees what it sees of ours: a prompt until its first token is on the host; then from that one to the last.
async function run({ kind, tokens, depth, prompt, name: test }: Test): Promise<void> {
  const line = await fresh(async (context): Promise<PeerLine> => {
    const held = kind === "pp" ? depth : 0;
    if (held > 0) await context.next(prompt.slice(0, held));
    const began = performance.now();
    const first = await context.next(prompt.slice(held));
    const read = performance.now();
    if (kind === "pp") return { type: "run", test, seconds: (read - began) / 1000, ids: [first] };
    const ids = await context.write(first, tokens + 1);
    return { type: "run", test, seconds: (performance.now() - read) / 1000, ids };
  });
  tell(line);
}

const start = performance.now();
const { prompt, count } = request.reference;
tell({
  type: "answer",
  ids: await fresh(async (context) => context.write(await context.next(prompt), count)),
});
for (const test of request.tests) {
  for (let repetition = 0; repetition <= request.repetitions; repetition++) {
    if (repetition > 2 && performance.now() - start > 1000 * request.budgetSeconds) break;
    await run(test);
  }
}
// The library's own clean-up at the end of a process is not ours to wait for.
process.exit(0);
