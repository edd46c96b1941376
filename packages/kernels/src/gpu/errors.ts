/** Every error of the GPU layer: what was found, what was expected, what to do next. */
export class GpuError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** There is no WebGPU here, or no adapter or device of it. */
export class NoWebGpuError extends GpuError {
  constructor(message: string, options?: ErrorOptions) {
    super("no-webgpu", message, options);
  }
}

/** WGSL that this device does not compile; the message shows the part, the line and the compiler's words. */
export class KernelCompileError extends GpuError {
  constructor(message: string) {
    super("kernel-compile", message);
  }
}

/** More than the device's limits allow: buffers a stage, bytes a binding. */
export class LimitError extends GpuError {
  constructor(message: string) {
    super("limit", message);
  }
}

/** The device has no room for what was allocated; nothing of it is kept. */
export class OutOfMemoryError extends GpuError {
  constructor(message: string) {
    super("out-of-memory", message);
  }
}

/** The device is gone, and all memory on it: `Gpu.live` opens another. */
export class DeviceLostError extends GpuError {
  constructor(message: string) {
    super("device-lost", message);
  }
}

/** Tensors or sizes that do not fit each other. */
export class ShapeError extends GpuError {
  constructor(message: string) {
    super("shape", message);
  }
}

/** An operation the device refused (a validation error): always a bug of the caller or of a kernel, never of the user's data. */
export class GpuValidationError extends GpuError {
  constructor(message: string) {
    super("gpu-validation", message);
  }
}

/** Something was used after it had been disposed of. */
export class DisposedError extends GpuError {
  constructor(message: string) {
    super("disposed", message);
  }
}
