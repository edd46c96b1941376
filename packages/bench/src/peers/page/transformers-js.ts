import type { PeerLine } from "../rows.js";
import { type PeerContext, type PeerRequest, runTests } from "../run-tests.js";

// The part of transformers.js that is used: the package is not there when this is compiled.
interface Tensor {
  readonly dims: readonly number[];
}
interface Library {
  readonly env: {
    allowRemoteModels: boolean;
    allowLocalModels: boolean;
    localModelPath: string;
    useBrowserCache: boolean;
    readonly backends: { readonly onnx: { readonly wasm: { wasmPaths: object } } };
  };
  readonly AutoModelForCausalLM: { from_pretrained(name: string, options: object): Promise<Model> };
  readonly Tensor: new (type: string, data: ArrayBufferView, shape: readonly number[]) => Tensor;
  readonly BaseStreamer: new () => object;
  readonly DynamicCache: new () => { get_seq_length(): number; dispose(): Promise<void> };
}
interface Model {
  generate(options: object): Promise<unknown>;
}

const RUNTIME = "/npm/onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify";

export default async function run(request: PeerRequest, tell: (line: PeerLine) => Promise<void>): Promise<void> {
  const name = "@huggingface/transformers"; // not for a bundler to look for
  const library = (await import(/* @vite-ignore */ name)) as Library;
  const { env, AutoModelForCausalLM, Tensor, BaseStreamer, DynamicCache } = library;
  Object.assign(env, {
    allowRemoteModels: false,
    allowLocalModels: true,
    localModelPath: "/models/",
    useBrowserCache: false,
  });
  env.backends.onnx.wasm.wasmPaths = { mjs: `${RUNTIME}.mjs`, wasm: `${RUNTIME}.wasm` };
  const model = await AutoModelForCausalLM.from_pretrained("peer", { device: "webgpu", dtype: "q4" });

  /** Hears each id that the library wrote; the prompt comes first. */
  class Listener extends BaseStreamer {
    #prompt = true;
    readonly #onId: (id: number) => void;
    constructor(onId: (id: number) => void) {
      super();
      this.#onId = onId;
    }
    put([ids]: readonly (readonly bigint[])[]): void {
      if (!this.#prompt) this.#onId(Number(ids!.at(-1)));
      this.#prompt = false;
    }
    end(): void {}
  }

  const open = async (held: readonly number[]): Promise<PeerContext> => {
    const past_key_values = new DynamicCache();
    const tensor = (values: readonly number[]) =>
      new Tensor("int64", BigInt64Array.from(values, BigInt), [1, values.length]);
    /** Takes the whole text, and computes what of it is not in the cache. */
    const generate = (ids: readonly number[], count: number, onId: (id: number) => void) =>
      model.generate({
        input_ids: tensor(ids),
        attention_mask: tensor(ids.map(() => 1)),
        past_key_values,
        max_new_tokens: count,
        eos_token_id: -1, // goes on after the end-of-text token
        do_sample: false,
        streamer: new Listener(onId),
      });
    // Writes a token, too, of which nothing is kept: no keys, no values.
    if (held.length > 0) await generate(held, 1, () => {});
    return {
      async generate(ids, count, onId) {
        const cached = past_key_values.get_seq_length();
        if (cached !== held.length) throw new Error(`the cache holds ${cached} tokens, where ${held.length} were read`);
        await generate([...held, ...ids], count, onId);
      },
      dispose: () => past_key_values.dispose(),
    };
  };
  await runTests({ open }, request, tell);
}
