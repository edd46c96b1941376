/** Every error of the GPU layer: what was found, what was expected, what to do next. */
export class GpuError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

export class NoWebGpuError extends GpuError {
  constructor(message: string, options?: ErrorOptions) {
    super("no-webgpu", message, options);
  }
}

export class KernelCompileError extends GpuError {
  constructor(message: string) {
    super("kernel-compile", message);
  }
}

export class LimitError extends GpuError {
  constructor(message: string) {
    super("limit", message);
  }
}

export class OutOfMemoryError extends GpuError {
  constructor(message: string) {
    super("out-of-memory", message);
  }
}

export class DeviceLostError extends GpuError {
  constructor(message: string) {
    super("device-lost", message);
  }
}

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

export class DisposedError extends GpuError {
  constructor(message: string) {
    super("disposed", message);
  }
}

export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
