import { AdapterError } from "../errors.js";
import { readJson, type Source } from "../sources/source.js";
import { type FloatDtype, isFloat } from "../weights/dtype.js";
import { isRecord } from "../weights/header.js";
import { type Checkpoint, openCheckpoint, type TensorInfo } from "../weights/safetensors.js";
import { loraConfig } from "./config.js";

/** A and B of one linear module, as stored. */
export interface AdapterModule {
  readonly rank: number;
  readonly scale: number;
  /** `[r, K]`. */
  readonly a: StoredNumbers;
  /** `[N, r]`. */
  readonly b: StoredNumbers;
}

export interface StoredNumbers {
  readonly dtype: FloatDtype;
  readonly bytes: Uint8Array;
}

/** A LoRA adapter on the host: it comes to the GPU when it is activated. */
export interface Adapter {
  readonly name: string;
  /** By the paths of linear modules. */
  readonly modules: ReadonlyMap<string, AdapterModule>;
}

const FILE = "adapter_model.safetensors";

/**
 * Reads a PEFT adapter: `adapter_config.json` and `adapter_model.safetensors`.
 *
 * @param linears - The model's linear modules and their shapes, `[N, K]`.
 * @throws {@link AdapterError} when it is no LoRA adapter, one of a kind that cannot be added, or one of another model.
 */
export async function readAdapter(
  name: string,
  source: Source,
  linears: ReadonlyMap<string, readonly number[]>,
  signal?: AbortSignal,
): Promise<Adapter> {
  const raw = await readJson(source, "adapter_config.json", { signal });
  if (!isRecord(raw)) {
    throw new AdapterError(
      "adapter-not-found",
      `${source.name} has no adapter_config.json. Pass the folder or repository of a PEFT adapter.`,
    );
  }
  const config = loraConfig(name, raw);
  const checkpoint = await openCheckpoint(source, { signal, file: FILE });
  const modules = new Map<string, AdapterModule>();
  for (const [module, { a, b }] of pairs(name, checkpoint)) {
    const [n, k] = shapeOf(name, module, linears);
    const rank = config.rankOf(module);
    requireShape(name, a, [rank, k]);
    requireShape(name, b, [n, rank]);
    modules.set(module, {
      ...{ rank, scale: config.scaleOf(module) },
      a: await read(checkpoint, a, signal),
      b: await read(checkpoint, b, signal),
    });
  }
  return { name, modules };
}

/** `base_model.model.<module>.lora_A.weight`; adapters that were saved by name have it before `weight`. */
const TENSOR = /^(?:base_model\.model\.)?(.+)\.lora_([AB])(?:\.[^.]+)?\.weight$/;

function pairs(name: string, { tensors }: Checkpoint): Map<string, { a: TensorInfo; b: TensorInfo }> {
  const found = new Map<string, { A?: TensorInfo; B?: TensorInfo }>();
  for (const info of tensors.values()) {
    const [, module, side] = TENSOR.exec(info.name) ?? [];
    if (module === undefined) {
      throw new AdapterError(
        "adapter-unsupported",
        `${info.name} of ${name} is no LoRA of a linear module (embeddings and whole modules cannot be added at run time). Merge the adapter into its model with PEFT and load that.`,
      );
    }
    found.set(module, { ...found.get(module), [side as "A" | "B"]: info });
  }
  if (found.size === 0) throw tensorsWrong(`${FILE} of ${name} holds no tensor`);
  return new Map(
    [...found].map(([module, { A, B }]) => {
      if (!A || !B) throw tensorsWrong(`${name} has only lora_${A ? "A" : "B"} of ${module}; both were expected`);
      return [module, { a: A, b: B }];
    }),
  );
}

function shapeOf(name: string, module: string, linears: ReadonlyMap<string, readonly number[]>): [number, number] {
  const shape = linears.get(module);
  if (shape) return shape as [number, number];
  const last = module.split(".").at(-1)!;
  const near = [...linears.keys()].find((other) => other.endsWith(last)) ?? linears.keys().next().value;
  throw new AdapterError(
    "adapter-mismatch",
    `${name} changes ${module}, which is no linear module of this model (${near} is one). The adapter was made for another model.`,
  );
}

function requireShape(name: string, { name: tensor, shape }: TensorInfo, expected: readonly number[]): void {
  if (String(shape) === String(expected)) return;
  throw new AdapterError(
    "adapter-mismatch",
    `${tensor} of ${name} is [${shape.join(", ")}]; [${expected.join(", ")}] was expected from this model and adapter_config.json. The adapter was made for another model.`,
  );
}

async function read(checkpoint: Checkpoint, info: TensorInfo, signal?: AbortSignal): Promise<StoredNumbers> {
  const { dtype } = info;
  if (!isFloat(dtype)) throw tensorsWrong(`${info.name} is ${dtype}; F32, F16 or BF16 was expected`);
  return { dtype, bytes: await checkpoint.readBytes(info, 0, info.end - info.start, { signal }) };
}

function tensorsWrong(found: string): AdapterError {
  return new AdapterError("adapter-tensors", `${found}. Fetch the adapter again.`);
}
