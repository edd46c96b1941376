import type { Activation } from "../../parts/activations.js";
import { activationReferences } from "../activate/activate.reference.js";

/** `y = activation(gate) · up` in f64. */
export function swigluReference(gate: Float32Array, up: Float32Array, activation: Activation): Float64Array {
  return Float64Array.from(gate, (value, i) => activationReferences[activation](value) * up[i]!);
}
