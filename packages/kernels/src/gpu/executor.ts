import type { Dispatch, TensorRef } from "../dispatch.js";
import { sizeOf } from "../dispatch.js";
import type { Buffers } from "./buffers.js";
import { GpuValidationError, LimitError } from "./errors.js";
import type { CompiledKernel, Pipelines } from "./pipelines.js";
import type { Rest } from "./provider.js";
import type { PassTimer } from "./timing.js";

/** A copy made after the pass, in the same submit: how ids reach the host without a submit of their own. */
export interface ReadBack {
  readonly from: TensorRef;
  readonly to: GPUBuffer;
  readonly bytes: number;
  readonly fromOffset?: number;
}

interface Prepared {
  readonly compiled: CompiledKernel;
  readonly bindGroup: GPUBindGroup;
  readonly buffers: readonly GPUBuffer[];
}

/** What the executor has done since it was made. A test holds it against the promise of one submit a token and nothing new. */
export interface ExecutorCounts {
  submits: number;
  passes: number;
  dispatches: number;
  bindGroups: number;
  /** Milliseconds that the host spent in `run`, encoding and submitting. */
  hostMs: number;
}

/**
 * Runs dispatches: resolves tensors to buffers, compiles, keeps bind groups, encodes one pass and submits once.
 * WebGPU orders dispatches of a pass by their buffers, so a list is simply executed in its order.
 */
export class Executor {
  readonly #device: GPUDevice;
  readonly #buffers: Buffers;
  readonly #pipelines: Pipelines;
  readonly #rest: Rest | undefined;
  readonly #prepared = new WeakMap<Dispatch, Prepared>();
  /** By content: a model has a dozen different ones, of a few words each. */
  readonly #uniforms = new Map<string, GPUBuffer>();
  readonly counts: ExecutorCounts = { submits: 0, passes: 0, dispatches: 0, bindGroups: 0, hostMs: 0 };

  constructor(device: GPUDevice, buffers: Buffers, pipelines: Pipelines, rest?: Rest) {
    this.#device = device;
    this.#buffers = buffers;
    this.#pipelines = pipelines;
    this.#rest = rest;
  }

  /** Compiles everything the dispatches need, in parallel, and makes their bind groups. */
  async prepare(dispatches: readonly Dispatch[]): Promise<void> {
    await Promise.all(dispatches.map((dispatch) => this.#pipelines.compile(dispatch.kernel)));
    for (const dispatch of dispatches) this.#bind(dispatch);
  }

  /** Encodes the dispatches into one pass and submits it. They must have been prepared. */
  run(
    dispatches: readonly Dispatch[],
    readBacks: readonly ReadBack[] = [],
    timer?: PassTimer,
  ): (() => Promise<number>) | undefined {
    const start = performance.now();
    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginComputePass(timer ? { timestampWrites: timer.timestampWrites } : {});
    let current: GPUComputePipeline | undefined;
    for (const dispatch of dispatches) {
      const { compiled, bindGroup } = this.#bind(dispatch);
      if (compiled.pipeline !== current) pass.setPipeline(compiled.pipeline);
      current = compiled.pipeline;
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(...dispatch.workgroups);
    }
    pass.end();
    for (const { from, to, bytes, fromOffset = 0 } of readBacks) {
      encoder.copyBufferToBuffer(this.#buffers.resolve(from), from.offset + fromOffset, to, 0, bytes);
    }
    const elapsed = timer?.end(encoder);
    this.#device.queue.submit([encoder.finish()]);
    this.#rest?.during(this.#device.queue.onSubmittedWorkDone());
    this.counts.submits++;
    this.counts.passes++;
    this.counts.dispatches += dispatches.length;
    this.counts.hostMs += performance.now() - start;
    return elapsed;
  }

  /** `prepare` then `run`, for one-off work such as quantising a tensor while loading. */
  async execute(dispatches: readonly Dispatch[], readBacks: readonly ReadBack[] = []): Promise<void> {
    await this.prepare(dispatches);
    this.run(dispatches, readBacks);
  }

  #bind(dispatch: Dispatch): Prepared {
    const buffers = dispatch.buffers.map((tensor) => this.#buffers.resolve(tensor));
    const known = this.#prepared.get(dispatch);
    // A handle may stand on another GPUBuffer than before (a grown cache, a new device): bind anew then, and only then.
    if (known?.buffers.every((buffer, index) => buffer === buffers[index])) return known;

    const compiled = this.#pipelines.ready(dispatch.kernel);
    if (!compiled)
      throw new GpuValidationError(
        `${dispatch.label} was run before it was prepared. Await executor.prepare([...]) once, when the plan is built.`,
      );
    this.#check(dispatch, compiled);
    let next = 0;
    const entries = compiled.bindings.map((use, binding): GPUBindGroupEntry => {
      if (use === "uniform") return { binding, resource: { buffer: this.#uniform(dispatch.uniforms!) } };
      const tensor = dispatch.buffers[next]!;
      return { binding, resource: { buffer: buffers[next++]!, offset: tensor.offset, size: sizeOf(tensor) } };
    });
    const bindGroup = this.#device.createBindGroup({ label: dispatch.label, layout: compiled.layout, entries });
    this.counts.bindGroups++;
    const prepared = { compiled, bindGroup, buffers };
    this.#prepared.set(dispatch, prepared);
    return prepared;
  }

  #uniform(words: readonly number[]): GPUBuffer {
    const key = words.join();
    let buffer = this.#uniforms.get(key);
    if (!buffer) {
      // Uniform structs are sized in steps of 16 bytes.
      const data = new Uint32Array(4 * Math.ceil(words.length / 4));
      data.set(words);
      buffer = this.#device.createBuffer({
        label: `sizes ${key}`,
        size: data.byteLength,
        usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
      });
      this.#device.queue.writeBuffer(buffer, 0, data);
      this.#uniforms.set(key, buffer);
    }
    return buffer;
  }

  #check(dispatch: Dispatch, { bindings }: CompiledKernel): void {
    const uses = bindings.filter((use) => use !== "uniform");
    const uniform = uses.length < bindings.length;
    if (dispatch.buffers.length !== uses.length) {
      throw new GpuValidationError(
        `${dispatch.label} passes ${dispatch.buffers.length} buffers; its WGSL declares ${uses.length}.`,
      );
    }
    if (uniform !== (dispatch.uniforms !== undefined)) {
      throw new GpuValidationError(
        `${dispatch.label} ${uniform ? "passes no uniforms but its WGSL declares a var<uniform>" : "passes uniforms but its WGSL declares no var<uniform>"}.`,
      );
    }
    const written = dispatch.buffers.filter((_, index) => uses[index] === "write");
    for (const tensor of written) {
      const times = dispatch.buffers.filter((other) => other.buffer === tensor.buffer).length;
      if (times > 1)
        throw new GpuValidationError(
          `${dispatch.label} binds ${tensor.buffer.label} twice, once to write. WebGPU forbids it: give the output a tensor of its own.`,
        );
    }
    const max = this.#device.limits.maxComputeWorkgroupsPerDimension;
    if (dispatch.workgroups.some((count) => count > max)) {
      throw new LimitError(
        `${dispatch.label} asks for [${dispatch.workgroups}] workgroups; a dimension holds ${max}. Use spread().`,
      );
    }
    const limit = this.#device.limits.maxStorageBufferBindingSize;
    const large = dispatch.buffers.find((tensor) => sizeOf(tensor) > limit);
    if (large)
      throw new LimitError(
        `${dispatch.label} binds ${large.buffer.label}, ${sizeOf(large)} bytes; this device allows ${limit}. Split it by rows.`,
      );
  }
}
