import type { Part } from "../dispatch.js";
import wgsl from "./best.wgsl?raw";

/** `struct Best`, `ordered`, `better` and `best_lanes`: the greatest value and its index. Needs the lanes part. */
export const best: Part = { name: "best.wgsl", wgsl };
