import type { Graph } from "../graph/graph.js";
import { lowerAttention, lowerRope } from "./lower-attention.js";
import { lowerGated, lowerLinear } from "./lower-projections.js";
import {
  lowerAdd,
  lowerColumns,
  lowerEmbed,
  lowerRmsNorm,
  lowerScale,
  lowerSoftcap,
  lowerTokens,
} from "./lower-rows.js";
import type { Lowerings } from "./lowering.js";

/** What most decoders are made of. */
const COMMON = {
  tokens: lowerTokens,
  embed: lowerEmbed,
  rmsNorm: lowerRmsNorm,
  linear: lowerLinear,
  columns: lowerColumns,
  softcap: lowerSoftcap,
  scale: lowerScale,
  rope: lowerRope,
  attention: lowerAttention,
  gated: lowerGated,
  add: lowerAdd,
} satisfies Lowerings;

const encoder = async () => (await import("./lower-encoder.js")).ENCODER;
const experts = async () => (await import("./lower-experts.js")).EXPERTS;

/** What is fetched, with its kernels, for the models that have it. */
const FETCHED: {
  readonly [Each in Exclude<keyof Lowerings, keyof typeof COMMON>]: () => Promise<Required<Pick<Lowerings, Each>>>;
} = {
  positions: encoder,
  types: encoder,
  layerNorm: encoder,
  bidirectional: encoder,
  activate: encoder,
  route: experts,
  experts,
  sigmoidGate: experts,
};

/** Those of every operation of a graph. */
export async function loweringsOf({ nodes }: Graph): Promise<Lowerings> {
  const used = new Set(nodes.map(({ operation }) => operation.op));
  const fetched = Object.entries(FETCHED).filter(([op]) => used.has(op as keyof Lowerings));
  const more = await Promise.all(fetched.map(([, fetchIt]) => fetchIt()));
  return Object.assign({}, COMMON, ...more);
}
