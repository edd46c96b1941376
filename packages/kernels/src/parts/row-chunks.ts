import { type Part, spread } from "../dispatch.js";
import { lanesWorkgroup, step } from "./index.js";
import wgsl from "./row-chunks.wgsl?raw";

const CHUNK = 512; // elements of a workgroup: 8 a lane

/** What ops share that go through the elements of `[T, width]`: `chunk_of`, with the step and the lanes, and their launch. */
export const rowChunks = {
  parts: [step, lanesWorkgroup, { name: "row-chunks.wgsl", wgsl }] satisfies readonly Part[],
  constants: { CHUNK, LANES: 64 },
  workgroups: (rows: number, width: number) => spread(rows * Math.ceil(width / CHUNK)),
};
