import { files } from "../sources/files.js";
import type { Source } from "../sources/source.js";
import { BITS, type Dtype } from "../weights/dtype.js";

export interface TensorData {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** Header bytes with their length in front: a file without its tensors' numbers. */
export function withHeader(header: string | Uint8Array, dataBytes = 0, claimedLength?: bigint): Uint8Array {
  const bytes = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const file = new Uint8Array(8 + bytes.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, claimedLength ?? BigInt(bytes.length), true);
  file.set(bytes, 8);
  return file;
}

/** A safetensors file. Its header is not padded, so that tensors begin at odd places, as the format allows. */
export function safetensors(tensors: Readonly<Record<string, TensorData>>): Uint8Array {
  let at = 0;
  const header: Record<string, unknown> = {};
  for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
    const expected = shape.reduce((product, length) => product * length, BITS[dtype] / 8);
    if (data.length !== expected) throw new RangeError(`${name}: ${data.length} bytes for ${dtype} [${shape}]`);
    header[name] = { dtype, shape, data_offsets: [at, at + data.length] };
    at += data.length;
  }
  const text = JSON.stringify(header);
  const file = withHeader(text.length % 2 === 0 ? `${text} ` : text, at);
  let offset = file.length - at;
  for (const { data } of Object.values(tensors)) {
    file.set(data, offset);
    offset += data.length;
  }
  return file;
}

/** A folder that exists in memory only. */
export function folder(contents: Readonly<Record<string, Uint8Array | string>>): Source {
  const entries = Object.entries(contents).map(([path, content]) => [path, new File([content as BlobPart], path)]);
  return files(Object.fromEntries(entries));
}

export function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
