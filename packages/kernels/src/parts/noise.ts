import type { Part } from "../dispatch.js";
import wgsl from "./noise.wgsl?raw";

/** `pcg3d`, `exponential` and `gumbel`: random numbers by seed, place and index. */
export const noise: Part = { name: "noise.wgsl", wgsl };
