import type { AdapterInfo, LoadAdapterOptions, ModelSource } from "../api/types.js";
import type { LoadedModel } from "../runtime/loaded-model.js";
import { openSource } from "../sources/open.js";
import { type Adapter, readAdapter } from "./read.js";

/** Reads an adapter for a model. The model does not know it yet. */
export async function loadAdapter(
  { adapters, linears }: LoadedModel,
  from: ModelSource,
  { name, signal, ...access }: LoadAdapterOptions,
): Promise<Adapter> {
  const source = await openSource(from, access);
  const lastPart = source.name
    .replace(/[/\\]+$/, "")
    .split(/[/\\]/)
    .at(-1);
  const known = name ?? lastPart ?? source.name;
  adapters.assertFree(known);
  return readAdapter(known, source, linears, signal);
}

export function adapterInfo({ name, modules }: Adapter): AdapterInfo {
  const all = [...modules.values()];
  const count = ({ dtype, bytes }: { dtype: string; bytes: Uint8Array }) => bytes.length / (dtype === "F32" ? 4 : 2);
  return {
    name,
    modules: all.length,
    rank: Math.max(...all.map(({ rank }) => rank)),
    parameters: all.reduce((sum, { a, b }) => sum + count(a) + count(b), 0),
  };
}
