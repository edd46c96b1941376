import type { Activation } from "../../parts/activations.js";

/** `y = activation(gate) · up` in f64. */
export function swigluReference(gate: Float32Array, up: Float32Array, activation: Activation): Float64Array {
  const activate = activation === "silu" ? silu : geluTanh;
  return Float64Array.from(gate, (value, i) => activate(value) * up[i]!);
}

function silu(x: number): number {
  return x / (1 + Math.exp(-x));
}

function geluTanh(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}
