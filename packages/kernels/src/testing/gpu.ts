import { afterAll } from "vitest";
import { type Dispatch, type DType, elementCount, type TensorRef, tensor } from "../dispatch.js";
import { type Gpu, openGpu } from "../gpu/device.js";

// One device for the whole process: opening one is slow, and Dawn must not be collected between tests.
let shared: Promise<Gpu> | undefined;

/** The device every test runs on. Default limits, so that nothing comes to depend on more. Never skips: no device is a failure. */
export function testGpu(): Promise<Gpu> {
  shared ??= openGpu({ defaultLimits: true }).then((gpu) => {
    console.info(`tests run on: ${gpu.adapter.name} (${gpu.adapter.kind})`);
    return gpu;
  });
  return shared;
}

/**
 * What projections are tested for. The layouts with subgroups are among them only where the device's are large enough,
 * which cannot be chosen: SwiftShader's have four lanes, llvmpipe's eight.
 */
export async function testTargets(): Promise<{ adapter: "gpu" | "software"; subgroupSize: number }[]> {
  const { subgroupSize = 0 } = (await testGpu()).adapter;
  return [
    { adapter: "gpu", subgroupSize: 0 },
    { adapter: "software", subgroupSize: 0 },
    ...(subgroupSize >= 4 ? [{ adapter: "software" as const, subgroupSize }] : []),
  ];
}

export async function upload(
  data: Float32Array | Uint32Array,
  shape: readonly number[],
  label = "input",
): Promise<TensorRef> {
  const gpu = await testGpu();
  const ref = tensor(label, shape, data instanceof Float32Array ? "f32" : "u32");
  if (elementCount(shape) !== data.length) throw new RangeError(`${label}: ${data.length} values for shape [${shape}]`);
  gpu.buffers.allocate(ref);
  gpu.buffers.write(ref, data);
  return ref;
}

export async function empty(shape: readonly number[], dtype: DType = "f32", label = "output"): Promise<TensorRef> {
  const gpu = await testGpu();
  const ref = tensor(label, shape, dtype);
  gpu.buffers.allocate(ref);
  return ref;
}

/** Runs dispatches in order, each error scope checked, and reads one tensor back. */
export async function runToArray(
  dispatches: Dispatch | readonly Dispatch[],
  output: TensorRef,
): Promise<Float32Array | Uint32Array> {
  const gpu = await testGpu();
  const list = Array.isArray(dispatches) ? (dispatches as readonly Dispatch[]) : [dispatches as Dispatch];
  gpu.device.pushErrorScope("validation");
  await gpu.executor.prepare(list);
  gpu.executor.run(list);
  const error = await gpu.device.popErrorScope();
  if (error) throw new Error(`${list.map((dispatch) => dispatch.label).join(", ")}: ${error.message}`);
  return gpu.buffers.read(output);
}

/** As `runToArray`, for an f32 output. */
export async function runToFloats(
  dispatches: Dispatch | readonly Dispatch[],
  output: TensorRef,
): Promise<Float32Array> {
  return (await runToArray(dispatches, output)) as Float32Array;
}

/** Frees everything a test file allocated, when it ends. Call once at the top of a test file. */
export function freeBuffersAfterAll(): void {
  afterAll(async () => (await testGpu()).buffers.disposeAll());
}
