/**
 * The vocabulary between an op and the executor. Everything here is plain data: a wrapper can be tested, counted,
 * logged and replayed without a device.
 */

export type DType = "f32" | "u32";

/** Identity of one GPU buffer. The arena knows which GPUBuffer stands behind it now; that may change when a device is lost. */
export interface BufferHandle {
  readonly label: string;
  readonly bytes: number;
}

/** A typed, shaped window on a buffer. Packed forms (int4, int8, f16, bf16) are `u32` tensors. */
export interface TensorRef {
  readonly buffer: BufferHandle;
  readonly dtype: DType;
  /** Row-major. */
  readonly shape: readonly number[];
  /** First byte of the window, a multiple of 256. */
  readonly offset: number;
}

/** A piece of WGSL. Parts are joined in any order: module scope needs none. */
export interface Part {
  /** File name, for compile errors. */
  readonly name: string;
  readonly wgsl: string;
  /** WGSL `enable` extensions; the joiner writes them first. */
  readonly enable?: readonly ("f16" | "subgroups")[];
  /** WGSL language features (`requires`). */
  readonly requires?: readonly string[];
}

/** One compute pipeline: the same parts and constants are compiled once. */
export interface Kernel {
  readonly parts: readonly Part[];
  /** Values of the `override` constants. */
  readonly constants: Readonly<Record<string, number>>;
}

/** What one dispatch must move and compute at least: the numerator of every roofline share. */
export interface Cost {
  readonly bytes: number;
  readonly flops: number;
}

/** One launch of a kernel. Plain data: nothing runs until `Executor.run` or `execute` takes it. */
export interface Dispatch {
  /** Op and sizes, as in a profile: `matmul 576x1536 int4`. */
  readonly label: string;
  readonly kernel: Kernel;
  /** In the order of `@binding(0)`, `@binding(1)`, ... of group 0. */
  readonly buffers: readonly TensorRef[];
  /**
   * Sizes that differ between dispatches of one pipeline, as the u32 words of the kernel's `var<uniform>`; the
   * buffers fill its other bindings in order. A constant makes a pipeline of its own, which costs a compile; a size that gains nothing from being known
   * to the compiler belongs here.
   */
  readonly uniforms?: readonly number[];
  readonly workgroups: readonly [x: number, y: number, z: number];
  readonly cost: Cost;
}

/** Bytes of a tensor: four an element in every dtype. */
export function sizeOf(tensor: TensorRef): number {
  return 4 * elementCount(tensor.shape);
}

/** The product of a shape's lengths. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** A tensor over a buffer of its own. Nothing is allocated: hand the result to `Buffers.allocate`. */
export function tensor(label: string, shape: readonly number[], dtype: DType = "f32"): TensorRef {
  const bytes = 4 * elementCount(shape);
  return { buffer: { label, bytes }, dtype, shape, offset: 0 };
}

/** The same bytes under another shape. */
export function reshape(source: TensorRef, shape: readonly number[]): TensorRef {
  if (elementCount(shape) > elementCount(source.shape)) {
    throw new RangeError(
      `${source.buffer.label}: [${source.shape}] cannot be seen as [${shape}], which has more elements. Allocate a larger tensor.`,
    );
  }
  return { ...source, shape };
}

const MAX_WORKGROUPS = 65_535; // of each dimension, in every WebGPU implementation's default limits

/**
 * Spreads `count` workgroups over x and y, because one dimension holds only 65,535.
 * Kernels compute `id.y * grid.x + id.x` and return when it is past the end.
 */
export function spread(count: number): [number, number, number] {
  if (count <= MAX_WORKGROUPS) return [Math.max(1, count), 1, 1];
  const y = Math.ceil(count / MAX_WORKGROUPS);
  return [Math.ceil(count / y), y, 1];
}
