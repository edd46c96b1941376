export { inspectSynthetic, type SyntheticOptions, syntheticModel } from "../api/synthetic.js";
export {
  type AttentionOptions,
  type Forward,
  Graph,
  type Node,
  type Operation,
  type Parameter,
  type RopeOptions,
  Weights,
} from "./graph.js";
