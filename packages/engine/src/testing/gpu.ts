import { type Gpu, openGpu } from "@alambic/kernels";

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
