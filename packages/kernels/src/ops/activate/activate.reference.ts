import type { Activation } from "../../parts/activations.js";

/** Each activation in f64. */
export const activationReferences: Readonly<Record<Activation, (x: number) => number>> = {
  silu: (x) => x / (1 + Math.exp(-x)),
  gelu_tanh: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  gelu: (x) => x * normalBelow(x),
};

/** The normal distribution's share below x: a half, and the density's integral from 0 by Simpson's rule. */
function normalBelow(x: number): number {
  if (Math.abs(x) > 12) return x > 0 ? 1 : 0; // as far as f64 shows
  const density = (at: number) => Math.exp((-at * at) / 2) / Math.sqrt(2 * Math.PI);
  const steps = 400;
  let sum = density(0) + density(x);
  for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * density((x * i) / steps);
  return 0.5 + (sum * x) / steps / 3;
}
