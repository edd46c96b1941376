import type { Stored, StoredTensor } from "./stored.js";

/** The checkpoint with these layers only, numbered anew in their order. */
export function layers({ config, tensors, others }: Stored, kept: readonly number[]): Stored {
  const place = new Map(kept.toSorted((a, b) => a - b).map((layer, index) => [layer, index]));
  const left = [...tensors].flatMap(([name, tensor]): [string, StoredTensor][] => {
    const match = /^(.*\blayers\.)(\d+)(\..*)$/.exec(name);
    if (!match) return [[name, tensor]];
    const index = place.get(Number(match[2]));
    return index === undefined ? [] : [[`${match[1]}${index}${match[3]}`, tensor]];
  });
  return { config: { ...config, num_hidden_layers: place.size }, tensors: new Map(left), others };
}
