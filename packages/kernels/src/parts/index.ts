import type { Part } from "../dispatch.js";
import choiceWgsl from "./choice.wgsl?raw";
import headNormNoneWgsl from "./head-norm.none.wgsl?raw";
import headNormRmsWgsl from "./head-norm.rms.wgsl?raw";
import lanesWorkgroupWgsl from "./lanes.workgroup.wgsl?raw";
import normNoneWgsl from "./norm.none.wgsl?raw";
import normRmsWgsl from "./norm.rms.wgsl?raw";
import spansWorkgroupWgsl from "./spans.workgroup.wgsl?raw";
import stepWgsl from "./step.wgsl?raw";
import teamAloneWgsl from "./team.alone.wgsl?raw";
import teamSubgroupWgsl from "./team.subgroup.wgsl?raw";
import xScalarWgsl from "./x.scalar.wgsl?raw";
import xVec4Wgsl from "./x.vec4.wgsl?raw";

/** `struct Step`: what changes from pass to pass. Each op declares its own binding of it. */
export const step: Part = { name: "step.wgsl", wgsl: stepWgsl };

/** `struct Choice`: an expert and its weight, as `route` writes them. */
export const choice: Part = { name: "choice.wgsl", wgsl: choiceWgsl };

/** `struct Workgroup`, `struct Lane`, `LANES`, `sum_lanes` and `max_lanes` through workgroup memory: for every device. */
export const lanesWorkgroup: Part = { name: "lanes.workgroup.wgsl", wgsl: lanesWorkgroupWgsl };

/** How many lanes of a CPU load for each other where its subgroups have at least so many: llvmpipe's have eight, SwiftShader's four. */
export function teamLanes(subgroupSize = 0): 1 | 4 | 8 {
  if (subgroupSize >= 8) return 8;
  return subgroupSize >= 4 ? 4 : 1;
}

/** `struct Workgroup`, `struct Lane`, `LANES`, `TEAM`, `team_place`, `heard` and, in a team of several, more of the kind; with its constants. */
export function team(lanes: 1 | 4 | 8): { readonly part: Part; readonly constants: Readonly<Record<string, number>> } {
  return lanes === 1 ? { part: teamAlone, constants: {} } : { part: teamSubgroup, constants: { TEAM: lanes } };
}

const teamAlone: Part = { name: "team.alone.wgsl", wgsl: teamAloneWgsl };
const teamSubgroup: Part = { name: "team.subgroup.wgsl", wgsl: teamSubgroupWgsl, enable: ["subgroups"] };

/** `sum_span`: four values summed over runs of SPAN neighbouring lanes. */
export const spansWorkgroup: Part = { name: "spans.workgroup.wgsl", wgsl: spansWorkgroupWgsl };

const xVec4: Part = { name: "x.vec4.wgsl", wgsl: xVec4Wgsl };
const xScalar: Part = { name: "x.scalar.wgsl", wgsl: xScalarWgsl };

/** `x4(row, k)` over binding 2, and `override K`: how projections read their input, in vectors where its width allows. */
export function inputPart(k: number): Part {
  return k % 4 === 0 ? xVec4 : xScalar;
}

/** `weighed(k, values)` and `input_scale(at)`: whether a projection norms its input, which asks the operands for `norm_weight4(k)`. */
export const norms = {
  none: { name: "norm.none.wgsl", wgsl: normNoneWgsl },
  rms: { name: "norm.rms.wgsl", wgsl: normRmsWgsl },
} satisfies Record<string, Part>;

/** `head_weight` and `head_scale`: whether heads of queries and keys are normed before they are rotated. Bindings 6 and 7. */
export const headNorms = {
  none: { name: "head-norm.none.wgsl", wgsl: headNormNoneWgsl },
  rms: { name: "head-norm.rms.wgsl", wgsl: headNormRmsWgsl },
} satisfies Record<string, Part>;
