/**
 * GPU time of one compute pass, by timestamp queries. Where the device has none (`timestamp-query` is optional, and
 * browsers round it to 100 microseconds), `begin` returns nothing and the caller measures from outside.
 */
export class PassTimer {
  readonly #device: GPUDevice;
  readonly #queries: GPUQuerySet;
  readonly #resolved: GPUBuffer;

  private constructor(device: GPUDevice) {
    this.#device = device;
    this.#queries = device.createQuerySet({ type: "timestamp", count: 2 });
    this.#resolved = device.createBuffer({ size: 16, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC });
  }

  static open(device: GPUDevice): PassTimer | undefined {
    return device.features.has("timestamp-query") ? new PassTimer(device) : undefined;
  }

  /** For `beginComputePass`. */
  get timestampWrites(): GPUComputePassTimestampWrites {
    return { querySet: this.#queries, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 };
  }

  /** Appends the read-back to the encoder that holds the pass; resolves to milliseconds once it was submitted. */
  end(encoder: GPUCommandEncoder): () => Promise<number> {
    const staging = this.#device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    encoder.resolveQuerySet(this.#queries, 0, 2, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, staging, 0, 16);
    return async () => {
      await staging.mapAsync(GPUMapMode.READ);
      const [begin = 0n, end = 0n] = new BigUint64Array(staging.getMappedRange());
      staging.destroy();
      return Number(end - begin) / 1e6;
    };
  }

  dispose(): void {
    this.#queries.destroy();
    this.#resolved.destroy();
  }
}
