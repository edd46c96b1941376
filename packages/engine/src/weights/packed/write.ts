import { type Gpu, type Matrix, sizeOf, type TensorRef } from "@alambic/kernels";
import { PART_BYTES, type PackedStore, type PartialFile, type PartWriter } from "../../sources/cache/store.js";
import { type PackedLayout, PIECE_BYTES, piecesOf, regionsOf, windowsOf } from "./layout.js";
import { sha256 } from "./sha256.js";

/** Reads weights back from the GPU as they are loaded, and keeps them. */
export class PackedWriter {
  readonly #gpu: Gpu;
  readonly #store: PackedStore;
  readonly #key: string;
  readonly #name: string;
  readonly #partial: PartialFile;
  readonly #hashes: Record<string, readonly string[]> = {};
  readonly #memory = new Uint8Array(PIECE_BYTES);
  readonly #staging: GPUBuffer;
  #part: PartWriter | undefined;
  #at = 0;

  private constructor(gpu: Gpu, store: PackedStore, key: string, name: string, partial: PartialFile) {
    this.#gpu = gpu;
    this.#staging = gpu.device.createBuffer({
      label: "packed weights",
      size: PIECE_BYTES,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    this.#store = store;
    this.#key = key;
    this.#name = name;
    this.#partial = partial;
  }

  /** @param name - What the weights are made from, for lists. @throws {@link StorageError} */
  static async open(gpu: Gpu, store: PackedStore, key: string, layout: PackedLayout, name: string) {
    const writer = new PackedWriter(gpu, store, key, name, await store.begin(key, layout.bytes));
    await writer.#append(layout.header);
    return writer;
  }

  /** A parameter as it is now on the GPU. In the layout's order. @throws {@link StorageError} */
  async add(name: string, value: Matrix | TensorRef): Promise<void> {
    for (const region of regionsOf(name, value)) this.#hashes[region.name] = await this.#addRegion(region.pieces);
  }

  async finish(): Promise<void> {
    this.#staging.destroy();
    await this.#part?.done();
    await this.#partial.finish();
    await this.#store.describe(this.#key, { name: this.#name, size: this.#partial.size, hashes: this.#hashes });
  }

  /** Gives up. What there is of the file is of no use to anybody. */
  async discard(): Promise<void> {
    this.#staging.destroy();
    await this.#part?.abandon();
    await this.#partial.discard();
  }

  async #addRegion(tensors: readonly TensorRef[]): Promise<string[]> {
    const hashes: string[] = [];
    const size = tensors.reduce((sum, each) => sum + sizeOf(each), 0);
    for (const { start, end } of piecesOf(size)) {
      const piece = this.#memory.subarray(0, end - start);
      let filled = 0;
      for (const window of windowsOf(tensors, start, end)) {
        const size = sizeOf(window);
        await this.#readBack(window, piece.subarray(filled, filled + size));
        filled += size;
      }
      hashes.push(await sha256(piece));
      await this.#append(piece);
    }
    return hashes;
  }

  /** By way of one buffer for all, so that nothing is left to the garbage collector. */
  async #readBack(window: TensorRef, into: Uint8Array): Promise<void> {
    const { device, buffers } = this.#gpu;
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffers.resolve(window), window.offset, this.#staging, 0, into.length);
    device.queue.submit([encoder.finish()]);
    await this.#staging.mapAsync(GPUMapMode.READ, 0, into.length);
    into.set(new Uint8Array(this.#staging.getMappedRange(0, into.length)));
    this.#staging.unmap();
  }

  /** Cuts the stream into parts. */
  async #append(bytes: Uint8Array): Promise<void> {
    for (let sent = 0; sent < bytes.length; ) {
      const inPart = this.#at % PART_BYTES;
      this.#part ??= await this.#partial.write(Math.floor(this.#at / PART_BYTES));
      const chunk = bytes.subarray(sent, sent + PART_BYTES - inPart);
      await this.#part.append(chunk);
      sent += chunk.length;
      this.#at += chunk.length;
      if (this.#at % PART_BYTES > 0) continue;
      await this.#part.done();
      this.#part = undefined;
    }
  }
}
