import type { Gpu, Matrix, TensorRef } from "@alambic/kernels";
import type { PackedFile } from "../../sources/cache/store.js";
import { written } from "../staging.js";
import {
  type PackedParameter,
  type PackedTensor,
  PIECE_BYTES,
  piecesOf,
  regionsOf,
  tensorsOf,
  windowsOf,
} from "./layout.js";
import { sha256 } from "./sha256.js";

/** Packed weights that are not what was written: a disk's fault, or somebody's hand. */
export class PackedDamage extends Error {}

export interface PackedReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes of each piece, as they arrive. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Puts packed weights on the GPU, every piece held against its hash first.
 *
 * @throws {@link PackedDamage}, or what uploads throw; the tensors of the parameter are given back first.
 */
export class PackedReader {
  readonly #gpu: Gpu;
  readonly #file: PackedFile;
  readonly #memory = [new Uint8Array(PIECE_BYTES), new Uint8Array(PIECE_BYTES)];

  constructor(gpu: Gpu, file: PackedFile) {
    this.#gpu = gpu;
    this.#file = file;
  }

  /** Allocates a parameter's value and fills it. */
  async fill(place: PackedParameter, value: Matrix | TensorRef, options: PackedReadOptions): Promise<void> {
    const { buffers } = this.#gpu;
    const own = tensorsOf(value);
    try {
      buffers.allocate(...own);
      for (const [index, region] of regionsOf(place.parameter.name, value).entries())
        await this.#fillRegion(place.tensors[index]!, region.pieces, options);
    } catch (error) {
      buffers.dispose(...own);
      throw error;
    }
  }

  async #fillRegion(place: PackedTensor, tensors: readonly TensorRef[], options: PackedReadOptions): Promise<void> {
    const { signal, onBytes } = options;
    const pieces = [...piecesOf(place.end - place.start)];
    const hashes = this.#file.about.hashes[place.name] ?? [];
    const read = (index: number) => {
      const piece = pieces[index];
      if (!piece) return undefined;
      const into = this.#memory[index % 2]!.subarray(0, piece.end - piece.start);
      const reading = this.#file.read({ start: place.start + piece.start, end: place.start + piece.end, into, signal });
      reading.catch(() => {}); // awaited in its turn
      return reading;
    };
    let next = read(0);
    for (const [index, { start, end }] of pieces.entries()) {
      const bytes = await next!;
      next = read(index + 1); // while this one is looked at
      if ((await sha256(bytes)) !== hashes[index]) throw new PackedDamage(`${place.name} is damaged at byte ${start}`);
      onBytes(bytes.length);
      let at = 0;
      for (const window of windowsOf(tensors, start, end)) {
        const length = 4 * window.shape[0]!;
        this.#gpu.buffers.write(window, bytes.subarray(at, at + length));
        at += length;
      }
      await written(this.#gpu, bytes.length, signal);
    }
  }
}
