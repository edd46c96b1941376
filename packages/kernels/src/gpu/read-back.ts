import { DeviceLostError } from "./errors.js";

/**
 * A ring of mappable buffers, made once: several small results can be on their way to the host while the next steps
 * are encoded, and a token needs no buffer of its own.
 */
export class ReadBackRing {
  readonly #slots: GPUBuffer[];
  #next = 0;

  constructor(device: GPUDevice, bytes: number, depth: number) {
    this.#slots = Array.from({ length: depth }, (_, index) =>
      device.createBuffer({
        label: `read-back ${index}`,
        size: bytes,
        usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      }),
    );
  }

  get depth(): number {
    return this.#slots.length;
  }

  /** The slot that the next submit copies into. The caller keeps at most `depth` of them in flight. */
  take(): GPUBuffer {
    const slot = this.#slots[this.#next]!;
    this.#next = (this.#next + 1) % this.#slots.length;
    return slot;
  }

  /** Waits for the copy into a slot and returns its words. */
  async read(slot: GPUBuffer): Promise<Uint32Array> {
    try {
      await slot.mapAsync(GPUMapMode.READ);
    } catch (cause) {
      throw new DeviceLostError(
        `A result could not be read: ${(cause as Error).message}. The device was probably lost; open it again with openGpu().`,
      );
    }
    const words = new Uint32Array(slot.getMappedRange().slice(0));
    slot.unmap();
    return words;
  }

  dispose(): void {
    for (const slot of this.#slots) slot.destroy();
  }
}
