/** What becomes of bf16, f16 and f32 weights on their way to the GPU. Checkpoints that are already quantised stay as they are. */
export type Quantize = "none" | "int8" | "int4";

/**
 * `exact`: f32 arithmetic and an f32 KV cache, for checks and comparisons. `fast`: an f16 KV cache, and where the search
 * for kernels finds them quicker, projections of a prompt in f16 or with activations rounded to 8 bits.
 */
export type Precision = "exact" | "fast";

/**
 * Whether kernels are chosen by trying them on this device. `cached`, the default on a GPU: what is not known from earlier
 * loads is searched for, within 2 seconds. `full`: searched anew, within 10 seconds. `off`, the default on a software
 * adapter, where compiling the candidates costs more than it gains: the adapter's defaults, unchecked.
 */
export type Tune = "off" | "cached" | "full";
