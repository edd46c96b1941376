import { type Matrix, matrixTensors, sizeOf, type TensorRef } from "@alambic/kernels";
import type { Parameter } from "../../graph/graph.js";

/** Pieces that packed weights are hashed and moved in; a tensor's last one is shorter. */
export const PIECE_BYTES = 4 * 2 ** 20;

/** Tensors of the GPU that follow each other in the file as one: the blocks of a matrix, or their groups. */
export interface PackedTensor {
  readonly name: string;
  /** Place in the file. */
  readonly start: number;
  readonly end: number;
}

/** What `parameter` is on the GPU, and where it lies in the file. */
export interface PackedParameter {
  readonly parameter: Parameter;
  readonly tensors: readonly PackedTensor[];
}

/**
 * How weights are kept as they lie on the GPU: a safetensors file with the words of each matrix as `<name>` and its scales
 * and offsets as `<name>.groups`, `[rows, words]` U32 (F32 for unquantised f32), and vectors as F32. Blocks of a matrix follow
 * each other, so that a device with another limit of bindings reads the same file.
 */
export interface PackedLayout {
  /** The file's first bytes, up to its first tensor. */
  readonly header: Uint8Array;
  readonly bytes: number;
  readonly parameters: readonly PackedParameter[];
}

/** @param valueFor - What a parameter will be on the GPU; it need not be there. */
export function packedLayout(
  parameters: readonly Parameter[],
  valueFor: (parameter: Parameter) => Matrix | TensorRef,
): PackedLayout {
  const described: Record<string, unknown> = { __metadata__: { format: "alambic-packed", version: "1" } };
  const found: { parameter: Parameter; tensors: PackedTensor[] }[] = [];
  let at = 0;
  for (const parameter of parameters) {
    const tensors: PackedTensor[] = [];
    for (const { name, pieces } of regionsOf(parameter.name, valueFor(parameter))) {
      const [first] = pieces;
      const bytes = pieces.reduce((sum, piece) => sum + sizeOf(piece), 0);
      const rows = pieces.reduce((sum, { shape }) => sum + shape[0]!, 0);
      const dtype = first!.dtype.toUpperCase();
      described[name] = { dtype, shape: [rows, ...first!.shape.slice(1)], data_offsets: [at, at + bytes] };
      tensors.push({ name, start: at, end: at + bytes });
      at += bytes;
    }
    found.push({ parameter, tensors });
  }
  const header = headerOf(described);
  const moved = (tensors: readonly PackedTensor[]) =>
    tensors.map(({ name, start, end }) => ({ name, start: header.length + start, end: header.length + end }));
  return {
    header,
    bytes: header.length + at,
    parameters: found.map(({ parameter, tensors }) => ({ parameter, tensors: moved(tensors) })),
  };
}

/** The tensors of a parameter on the GPU, by the names that they have in the file. */
export function regionsOf(
  name: string,
  value: Matrix | TensorRef,
): readonly { readonly name: string; readonly pieces: readonly TensorRef[] }[] {
  if (!("blocks" in value)) return [{ name, pieces: [value] }];
  const values = value.blocks.map((block) => block.values);
  const groups = value.blocks.flatMap((block) => block.groups ?? []);
  return groups.length > 0
    ? [
        { name, pieces: values },
        { name: `${name}.groups`, pieces: groups },
      ]
    : [{ name, pieces: values }];
}

/** Every tensor that a parameter's value stands in, to allocate or dispose of. */
export function tensorsOf(value: Matrix | TensorRef): readonly TensorRef[] {
  return "blocks" in value ? matrixTensors(value) : [value];
}

/**
 * The windows that bytes `start` to `end` of several tensors, taken one after the other, lie in: one but for the borders of
 * blocks.
 */
export function windowsOf(tensors: readonly TensorRef[], start: number, end: number): TensorRef[] {
  const windows: TensorRef[] = [];
  let before = 0;
  for (const whole of tensors) {
    const from = Math.max(start - before, 0);
    const to = Math.min(end - before, sizeOf(whole));
    if (from < to) {
      windows.push({ buffer: whole.buffer, dtype: "u32", shape: [(to - from) / 4], offset: whole.offset + from });
    }
    before += sizeOf(whole);
  }
  return windows;
}

/** The pieces of so many bytes. */
export function* piecesOf(bytes: number): Generator<{ readonly start: number; readonly end: number }> {
  for (let start = 0; start < bytes; start += PIECE_BYTES) yield { start, end: Math.min(start + PIECE_BYTES, bytes) };
}

/** Padded with spaces, so that the numbers begin at a multiple of 8. */
function headerOf(described: Record<string, unknown>): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(described));
  const length = Math.ceil(text.length / 8) * 8;
  const header = new Uint8Array(8 + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(text, 8);
  return header;
}
