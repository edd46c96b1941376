import { type BufferHandle, type DType, sizeOf, type TensorRef } from "../dispatch.js";
import { DeviceLostError, DisposedError, GpuError, LimitError, OutOfMemoryError } from "./errors.js";
import { mebibytes } from "./mebibytes.js";

/**
 * The arena: which GPUBuffer stands behind each handle, and an account of every byte.
 *
 * It hands out whole GPUBuffers, never ranges of one: WebGPU tracks usage a buffer, so two ranges of one buffer could
 * not be read and written in one dispatch.
 */
export class Buffers {
  readonly #device: GPUDevice;
  readonly #live = new Map<BufferHandle, GPUBuffer>();
  readonly #pending = new Set<Promise<GpuError | undefined>>();
  #bytes = 0;
  #peak = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Bytes on the GPU now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The most bytes that were ever on the GPU at once. */
  get peakBytes(): number {
    return this.#peak;
  }

  /** Live buffers, for reports and leak checks. */
  get count(): number {
    return this.#live.size;
  }

  /**
   * Gives a tensor's handle a buffer, zeroed; one that has a buffer keeps it. Whether the device really had the memory
   * is known a little later: await `settled()`.
   *
   * @throws {@link LimitError} when the tensor is larger than this device allows a buffer or a binding to be.
   */
  allocate(...tensors: TensorRef[]): void {
    for (const { buffer: handle } of tensors) {
      if (this.#live.has(handle)) continue;
      const { maxBufferSize, maxStorageBufferBindingSize } = this.#device.limits;
      const limit = Math.min(maxBufferSize, maxStorageBufferBindingSize);
      if (handle.bytes > limit) {
        throw new LimitError(
          `${handle.label} needs a buffer of ${mebibytes(handle.bytes)}; this device allows ${mebibytes(limit)} a binding. Split the tensor by rows.`,
        );
      }
      this.#device.pushErrorScope("out-of-memory");
      this.#device.pushErrorScope("validation");
      const buffer = this.#device.createBuffer({
        label: handle.label,
        size: Math.max(4, Math.ceil(handle.bytes / 4) * 4),
        usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
      });
      this.#expectNoError(handle);
      this.#live.set(handle, buffer);
      this.#bytes += buffer.size;
      this.#peak = Math.max(this.#peak, this.#bytes);
    }
  }

  /** Resolves when every allocation so far is known to be good. @throws {@link OutOfMemoryError} naming the buffer that was not, once. */
  async settled(): Promise<void> {
    const pending = [...this.#pending];
    const outcomes = await Promise.all(pending);
    for (const outcome of pending) this.#pending.delete(outcome); // told once: a later load is not to blame
    const failure = outcomes.find((outcome) => outcome !== undefined);
    if (failure) throw failure;
  }

  /** The GPUBuffer behind a tensor. */
  resolve(tensor: TensorRef): GPUBuffer {
    const buffer = this.#live.get(tensor.buffer);
    if (!buffer) {
      throw new DisposedError(
        `${tensor.buffer.label} has no buffer on the GPU: it was never allocated or was disposed of. Allocate it before use.`,
      );
    }
    return buffer;
  }

  /** Writes host data at `byteOffset` past the tensor's start. Offset and length must be multiples of 4. */
  write(tensor: TensorRef, data: ArrayBufferView, byteOffset = 0): void {
    if (byteOffset + data.byteLength > sizeOf(tensor)) {
      throw new RangeError(
        `${tensor.buffer.label}: ${data.byteLength} bytes at ${byteOffset} do not fit its ${sizeOf(tensor)} bytes.`,
      );
    }
    const { buffer, byteOffset: start, byteLength } = data;
    this.#device.queue.writeBuffer(
      this.resolve(tensor),
      tensor.offset + byteOffset,
      buffer as ArrayBuffer,
      start,
      byteLength,
    );
  }

  /** Copies a tensor to the host. Waits for all work submitted before. */
  async read(tensor: TensorRef, elements = sizeOf(tensor) / 4): Promise<Float32Array | Uint32Array> {
    const staging = this.#device.createBuffer({
      label: `read ${tensor.buffer.label}`,
      size: Math.max(4, 4 * elements),
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    try {
      const encoder = this.#device.createCommandEncoder();
      encoder.copyBufferToBuffer(this.resolve(tensor), tensor.offset, staging, 0, 4 * elements);
      this.#device.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ);
      const bytes = staging.getMappedRange().slice(0, 4 * elements);
      return typedArray(tensor.dtype, bytes);
    } catch (cause) {
      throw new DeviceLostError(
        `Reading ${tensor.buffer.label} back failed: ${(cause as Error).message}. The device was probably lost; open it again.`,
      );
    } finally {
      staging.destroy();
    }
  }

  /** Gives buffers back. A handle that has none is ignored, so that disposing twice is harmless. */
  dispose(...tensors: TensorRef[]): void {
    for (const { buffer: handle } of tensors) {
      const buffer = this.#live.get(handle);
      if (!buffer) continue;
      buffer.destroy();
      this.#live.delete(handle);
      this.#bytes -= buffer.size;
    }
  }

  disposeAll(): void {
    for (const buffer of this.#live.values()) buffer.destroy();
    this.#live.clear();
    this.#bytes = 0;
  }

  #expectNoError(handle: BufferHandle): void {
    // Pushed and popped around one call with no await between, so no neighbour's error can fall in.
    const validation = this.#device.popErrorScope();
    const memory = this.#device.popErrorScope();
    const outcome = Promise.all([validation, memory]).then(
      ([invalid, full]) => {
        if (full) {
          return new OutOfMemoryError(
            `The GPU has no room for ${handle.label} (${mebibytes(handle.bytes)}; ${mebibytes(this.#bytes)} are in use here). Load with quantize: "int4", a shorter contextLength, or a smaller model.`,
          );
        }
        return invalid ? new GpuError("gpu-validation", `Allocating ${handle.label}: ${invalid.message}`) : undefined;
      },
      () => undefined, // the device was lost: `Gpu.lost` tells that story
    );
    this.#pending.add(outcome);
    void outcome.then((error) => {
      if (!error) this.#pending.delete(outcome); // a failure waits for the next `settled`
    });
  }
}

function typedArray(dtype: DType, bytes: ArrayBuffer): Float32Array | Uint32Array {
  return dtype === "f32" ? new Float32Array(bytes) : new Uint32Array(bytes);
}
