import { CheckpointError } from "../errors.js";
import { type ReadOptions, readJson, relativePath, type Source } from "../sources/source.js";
import { mapBounded } from "./bounded.js";
import { headerLength, isRecord, parseHeader, type TensorInfo, wrongLength } from "./header.js";
import { ReadAhead } from "./read-ahead.js";

export type { TensorInfo } from "./header.js";

/** The tensors of a model's safetensors files, known from their headers; their numbers are read on demand. */
export interface Checkpoint {
  readonly source: Source;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** Bytes of all files, headers included. */
  readonly bytes: number;
  /** Bytes `start` to `end` of a tensor, counted from the tensor's own first byte; in `into` where that is given. */
  readBytes(tensor: TensorInfo, start: number, end: number, options?: ReadBytesOptions): Promise<Uint8Array>;
}

export interface ReadBytesOptions extends ReadOptions {
  /** Memory of `end - start` bytes to fill and return. */
  readonly into?: Uint8Array;
}

export interface OpenOptions extends ReadOptions {
  /** The one file to open, in place of `model.safetensors` or its shards. */
  readonly file?: string;
}

const SINGLE = "model.safetensors";
const INDEX = "model.safetensors.index.json";

/** Enough for the whole header of a shard with several hundred tensors: most files take one read. */
const FIRST_READ = 64 * 1024;
const PARALLEL_READS = 6;

/**
 * Reads the headers of `model.safetensors`, or of the shards that `model.safetensors.index.json` names, or of one other file.
 *
 * @throws {@link CheckpointError} when there are none, when a header breaks the format's rules, when a file is cut
 * short, or when index and shards disagree.
 */
export async function openCheckpoint(source: Source, { file, ...options }: OpenOptions = {}): Promise<Checkpoint> {
  const single = await source.size(file ?? SINGLE, options);
  if (single === undefined && file !== undefined) {
    throw new CheckpointError(
      "checkpoint-not-found",
      `${source.name} has no ${file}. Use a copy in safetensors, and check that it is complete.`,
    );
  }
  const files =
    single === undefined
      ? await openShards(source, options)
      : [await openFile(source, file ?? SINGLE, single, options)];
  const tensors = new Map(files.flatMap((file) => file.tensors.map((tensor) => [tensor.name, tensor])));
  const sizes = new Map(files.map(({ file, bytes }) => [file, bytes]));
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const reader = new ReadAhead(source);

  async function readBytes(
    { name, file, start: base, end: limit }: TensorInfo,
    start: number,
    end: number,
    options: ReadBytesOptions = {},
  ): Promise<Uint8Array> {
    if (start < 0 || start > end || base + end > limit) {
      throw new RangeError(`${name} has ${limit - base} bytes; ${start} to ${end} were asked for.`);
    }
    options.signal?.throwIfAborted();
    return reader.read(file, sizes.get(file)!, { ...options, start: base + start, end: base + end });
  }

  return { source, tensors, bytes, readBytes };
}

interface OpenFile {
  readonly file: string;
  readonly bytes: number;
  readonly tensors: readonly TensorInfo[];
}

async function openFile(source: Source, file: string, bytes: number, options: ReadOptions): Promise<OpenFile> {
  const readTo = async (start: number, end: number) => {
    const found = await source.read(file, { start, end, ...options });
    if (found.length !== end - start) throw wrongLength(source, file, end - start, found.length);
    return found;
  };
  const first = await readTo(0, Math.min(bytes, FIRST_READ));
  const headerEnd = 8 + headerLength(file, first.subarray(0, 8), bytes);
  const header =
    headerEnd <= first.length
      ? first.subarray(8, headerEnd)
      : joined(first.subarray(8), await readTo(first.length, headerEnd));
  return { file, bytes, tensors: parseHeader(file, header, bytes) };
}

async function openShards(source: Source, options: ReadOptions): Promise<OpenFile[]> {
  const weightMap = await readWeightMap(source, options);
  const names = [...new Set(weightMap.values())];
  const shards = await mapBounded(names, PARALLEL_READS, async (file) => {
    const bytes = await source.size(file, options);
    if (bytes === undefined) {
      throw new CheckpointError(
        "checkpoint-index",
        `${file} is not in ${source.name}; ${INDEX} names ${names.length} shards and it is one of them. Fetch the missing file.`,
      );
    }
    return openFile(source, file, bytes, options);
  });
  const present = new Set(shards.flatMap(({ tensors }) => tensors.map(({ name, file }) => `${file}\n${name}`)));
  for (const [name, file] of weightMap) {
    if (present.has(`${file}\n${name}`)) continue;
    throw new CheckpointError(
      "checkpoint-index",
      `${name} should be in ${file} by ${INDEX}, but that shard does not hold it. Index and shards are of different exports; fetch all of them again.`,
    );
  }
  // Where two shards hold a tensor of one name, the index decides.
  return shards.map((shard) => ({
    ...shard,
    tensors: shard.tensors.filter(({ name, file }) => (weightMap.get(name) ?? file) === file),
  }));
}

async function readWeightMap(source: Source, options: ReadOptions): Promise<Map<string, string>> {
  const index = await readJson(source, INDEX, options);
  if (index === undefined) throw await noWeights(source, options);
  const entries = isRecord(index) && isRecord(index.weight_map) ? Object.entries(index.weight_map) : [];
  if (entries.length === 0) {
    throw new CheckpointError(
      "checkpoint-index",
      `${INDEX} in ${source.name} has no weight_map with tensors in it. Fetch the file again.`,
    );
  }
  return new Map(
    entries.map(([name, file]) => {
      if (typeof file === "string" && file.endsWith(".safetensors")) return [name, relativePath(file)];
      throw new CheckpointError(
        "checkpoint-index",
        `${INDEX} says that ${name} is in ${JSON.stringify(file)}; the name of a safetensors file was expected. Fetch the index again.`,
      );
    }),
  );
}

/** Files that tell what a folder without safetensors holds instead. */
const OTHER_FORMATS = {
  "pytorch_model.bin": "PyTorch's pickle format",
  "pytorch_model.bin.index.json": "PyTorch's pickle format",
  "adapter_model.safetensors": "a LoRA adapter without its base model",
  "onnx/model.onnx": "ONNX",
} as const;

async function noWeights(source: Source, options: ReadOptions): Promise<CheckpointError> {
  const found: string[] = [];
  for (const [path, format] of Object.entries(OTHER_FORMATS)) {
    if ((await source.size(path, options)) !== undefined) found.push(`${path} (${format})`);
  }
  const hint = found.length
    ? `It has ${found.join(" and ")}, which is not supported: use a copy of the model in safetensors.`
    : "Check the name, and that the copy is complete.";
  return new CheckpointError("checkpoint-not-found", `${source.name} has neither ${SINGLE} nor ${INDEX}. ${hint}`);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}
