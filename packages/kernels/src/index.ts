export * from "./dispatch.js";
export { type AdapterReport, Gpu, type OpenGpuOptions, openGpu } from "./gpu/device.js";
export * from "./gpu/errors.js";
export type { ExecutorCounts, ReadBack } from "./gpu/executor.js";
export { PassTimer } from "./gpu/timing.js";
export * from "./matrix.js";
export { type RmsNormInputs, rmsNorm } from "./ops/rms-norm/rms-norm.js";
