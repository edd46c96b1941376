/**
 * The words of the public interface. Everything here can cross `postMessage`, except the abort signal, the progress
 * callback and the model's methods, which the worker forwards: so that an app is the same with a worker and without.
 */
export type { KvForm } from "@alambic/kernels";
export type { AdapterChoice } from "../adapters/adapters.js";
export type { TuningOutcome } from "../runtime/tuning.js";
export type { CacheEntry, CacheUsage } from "../sources/cache/store.js";
export type { AccessOptions } from "../sources/open.js";
export type { Traffic } from "../sources/source.js";
export type { LoadPhases } from "./load-phases.js";
export type * from "./types/adapters.js";
export type * from "./types/anatomy.js";
export type * from "./types/choices.js";
export type * from "./types/compare.js";
export type * from "./types/embed.js";
export type * from "./types/engine.js";
export type * from "./types/generate.js";
export type * from "./types/inspect.js";
export type * from "./types/load.js";
export type * from "./types/model.js";
export type * from "./types/plan-costs.js";
