import type { Part } from "../dispatch.js";
import wgsl from "./wide.wgsl?raw";

/** `wide_add`, `wide_less`, `wide_float`, `wide_weight` and `wide_share`: 64-bit sums, exact in any order. */
export const wide: Part = { name: "wide.wgsl", wgsl };
