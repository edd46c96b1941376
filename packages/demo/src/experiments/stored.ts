/** A tensor as it lies in a checkpoint. Its bytes are a slice of the file: nothing is read before it is asked for. */
export interface StoredTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: Blob;
}

/** A checkpoint that can be changed and loaded again. */
export interface Stored {
  readonly config: Readonly<Record<string, unknown>>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Tokenizer and the like, by name. */
  readonly others: ReadonlyMap<string, Blob>;
}

const OTHERS = ["tokenizer.json", "tokenizer_config.json", "generation_config.json"];

/** Opens a checkpoint of the page's own, which is there in one or more shards. */
export async function openStored(folder: string): Promise<Stored> {
  const get = async (name: string) => {
    const response = await fetch(new URL(name, folder));
    if (!response.ok) throw new Error(`${name} could not be fetched from ${folder}: status ${response.status}.`);
    return response;
  };
  const index = (await (await get("model.safetensors.index.json")).json()) as { weight_map: Record<string, string> };
  const tensors = new Map<string, StoredTensor>();
  for (const shard of new Set(Object.values(index.weight_map))) {
    for (const [name, tensor] of await tensorsOf(await (await get(shard)).blob())) tensors.set(name, tensor);
  }
  const others = await Promise.all(OTHERS.map(async (name) => [name, await (await get(name)).blob()] as const));
  return { config: await (await get("config.json")).json(), tensors, others: new Map(others) };
}

type Header = Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;

/** The tensors of a safetensors file: eight bytes with the header's length, the header, the numbers. */
export async function tensorsOf(file: Blob): Promise<Map<string, StoredTensor>> {
  const length = Number(new DataView(await file.slice(0, 8).arrayBuffer()).getBigUint64(0, true));
  const { __metadata__, ...header } = JSON.parse(await file.slice(8, 8 + length).text()) as Header;
  return new Map(
    Object.entries(header).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [start, end],
        },
      ]) => [name, { dtype, shape, data: file.slice(8 + length + start, 8 + length + end) }],
    ),
  );
}

/** The checkpoint as files, which the engine loads as it does a dropped folder. */
export function filesOf({ config, tensors, others }: Stored): File[] {
  let at = 0;
  const header = Object.fromEntries(
    [...tensors].map(([name, { dtype, shape, data }]) => {
      const start = at;
      at += data.size;
      return [name, { dtype, shape, data_offsets: [start, at] }];
    }),
  );
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Padded with spaces, as the format has it, so that the numbers begin at a multiple of eight.
  const padded = new Uint8Array(8 * Math.ceil(json.length / 8)).fill(0x20);
  padded.set(json);
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(padded.length), true);
  const weights = [length.buffer, padded.buffer, ...[...tensors.values()].map(({ data }) => data)];
  return [
    new File(weights, "model.safetensors"),
    new File([JSON.stringify(config)], "config.json"),
    ...[...others].map(([name, blob]) => new File([blob], name)),
  ];
}

export async function wordsOf({ data }: StoredTensor): Promise<Uint32Array<ArrayBuffer>> {
  return new Uint32Array(await data.arrayBuffer());
}

export async function halvesOf({ data }: StoredTensor): Promise<Uint16Array<ArrayBuffer>> {
  return new Uint16Array(await data.arrayBuffer());
}
