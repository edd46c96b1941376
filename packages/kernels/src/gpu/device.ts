import { findAdapter } from "#gpu";
import { Buffers } from "./buffers.js";
import { DeviceLostError, GpuValidationError } from "./errors.js";
import { Executor } from "./executor.js";
import { Pipelines } from "./pipelines.js";
import type { Rest } from "./provider.js";

export interface OpenGpuOptions {
  readonly powerPreference?: GPUPowerPreference;
  /** A device the app already has; the app keeps it, and `dispose` leaves it alone. */
  readonly device?: GPUDevice;
  /** Take a software adapter even where there is a GPU. */
  readonly forceSoftware?: boolean;
  /** Ask only for WebGPU's default limits, as the smallest devices have. Default: what the adapter can give. */
  readonly defaultLimits?: boolean;
}

/** What answered: printed beside every measurement. */
export interface AdapterReport {
  readonly name: string;
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  /** A software adapter is slow and must be said to be one. */
  readonly kind: "gpu" | "software";
  readonly note?: string;
  readonly features: readonly string[];
  /** What WGSL can say here beyond its first version (`navigator.gpu.wgslLanguageFeatures`). */
  readonly languageFeatures?: readonly string[];
  /** Least lanes of a subgroup; absent where the device has no subgroups. */
  readonly subgroupSize?: number;
  readonly limits: Readonly<Record<string, number>>;
}

/** A device with all that runs on it: memory, kernels, and the executor. */
export class Gpu {
  readonly device: GPUDevice;
  readonly adapter: AdapterReport;
  readonly buffers: Buffers;
  readonly pipelines: Pipelines;
  readonly executor: Executor;
  /** Resolves, never rejects, when the device is lost or disposed of. */
  readonly lost: Promise<DeviceLostError>;
  /** Opens a device as this one was; absent where the app brought it. */
  readonly #reopen: (() => Promise<Gpu>) | undefined;
  readonly #errors: GpuValidationError[] = [];
  #lostError: DeviceLostError | undefined;
  #successor: Promise<Gpu> | undefined;
  #disposed = false;

  constructor(device: GPUDevice, adapter: AdapterReport, reopen?: () => Promise<Gpu>, rest?: Rest) {
    this.device = device;
    this.adapter = adapter;
    this.buffers = new Buffers(device);
    this.pipelines = new Pipelines(device, rest);
    this.executor = new Executor(device, this.buffers, this.pipelines, rest);
    this.#reopen = reopen;
    this.lost = device.lost.then(({ reason, message }) => {
      const why = message || (reason === "destroyed" ? "it was destroyed" : "no reason given");
      this.#lostError = new DeviceLostError(
        this.#disposed
          ? "The GPU device was disposed of. Open it again with openGpu()."
          : `The GPU device was lost: ${why}. ${reopen ? "Open it again with openGpu()" : "Bring another with openGpu({ device })"} and load the model anew.`,
      );
      return this.#lostError;
    });
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      if (this.#errors.length < 16) this.#errors.push(new GpuValidationError(event.error.message));
    });
  }

  /** The most bytes of one storage binding: what larger tensors are split by. */
  get largestBinding(): number {
    const { maxStorageBufferBindingSize, maxBufferSize } = this.device.limits;
    return Math.min(maxStorageBufferBindingSize, maxBufferSize);
  }

  /** Whether the device was lost or disposed of. */
  get isLost(): boolean {
    return this.#lostError !== undefined;
  }

  /**
   * This device or, once it was lost, the one in its place: opened as this one was, and the same for all who ask. What
   * was on the lost one is gone.
   *
   * @throws {@link DeviceLostError} when the app brought the device, or it was disposed of; {@link NoWebGpuError} when
   *   none can be had any more.
   */
  async live(): Promise<Gpu> {
    if (!this.#lostError) return this;
    if (!this.#reopen || this.#disposed) throw this.#lostError;
    if (!this.#successor) {
      this.buffers.disposeAll();
      this.#successor = this.#reopen();
      this.#successor.catch(() => {
        this.#successor = undefined; // the next to ask tries again
      });
    }
    return (await this.#successor).live();
  }

  /** @throws the first error the device reported outside any scope, or {@link DeviceLostError}. Called wherever results are read. */
  assertHealthy(): void {
    if (this.#lostError) throw this.#lostError;
    const error = this.#errors.shift();
    if (error) throw error;
  }

  /** Frees every buffer, and the device too unless the app brought it; also of the device that took its place. */
  dispose(): void {
    this.#disposed = true;
    this.buffers.disposeAll();
    if (this.#reopen) this.device.destroy();
    this.#successor?.then(
      (gpu) => gpu.dispose(),
      () => {},
    );
  }
}

const OPTIONAL_FEATURES: readonly GPUFeatureName[] = ["shader-f16", "subgroups", "timestamp-query"];

/** Raised to the adapter's own when it has more: fewer splits of large tensors. Nothing requires more than the defaults. */
const RAISED_LIMITS = ["maxBufferSize", "maxStorageBufferBindingSize"] as const;

/**
 * Opens a WebGPU device, in a browser or in Node.
 *
 * @throws {@link NoWebGpuError} saying what is missing and how to get it.
 */
export async function openGpu(options: OpenGpuOptions = {}): Promise<Gpu> {
  if (options.device) {
    const gpu = (globalThis.navigator as Navigator | undefined)?.gpu;
    return new Gpu(options.device, report(options.device.adapterInfo, options.device, gpu));
  }
  const { adapter, gpu, note, rest } = await findAdapter(options);
  const requiredLimits: Record<string, number> = {};
  if (!options.defaultLimits) for (const name of RAISED_LIMITS) requiredLimits[name] = adapter.limits[name];
  const device = await adapter.requestDevice({
    label: "alambic",
    requiredFeatures: OPTIONAL_FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits,
  });
  return new Gpu(device, report(adapter.info, device, gpu, note), () => openGpu(options), rest);
}

function report(info: GPUAdapterInfo, device: GPUDevice, gpu: GPU | undefined, note?: string): AdapterReport {
  // Deno gives a PCI id for the device's name.
  const deviceName = /^\d*$/.test(info.device) ? "" : info.device;
  const name =
    deviceName || info.description || [info.vendor, info.architecture].filter(Boolean).join(" ") || "unnamed adapter";
  const software =
    info.isFallbackAdapter ||
    /swiftshader|llvmpipe|lavapipe|software|basic render/i.test(`${name} ${info.description} ${info.architecture}`);
  const limits: Record<string, number> = {};
  // The limits sit on the prototype as getters, so Object.entries would find none.
  for (const key in device.limits) {
    const value = device.limits[key as keyof GPUSupportedLimits];
    if (typeof value === "number") limits[key] = value;
  }
  return {
    name,
    vendor: info.vendor,
    architecture: info.architecture,
    description: info.description,
    kind: software ? "software" : "gpu",
    ...(note && { note }),
    features: [...device.features].sort(),
    languageFeatures: [...(gpu?.wgslLanguageFeatures ?? [])].sort(),
    ...(device.features.has("subgroups") && { subgroupSize: info.subgroupMinSize }),
    limits,
  };
}
