import type { Activation } from "../../parts/activations.js";
import { matvecReference } from "../matvec/matvec.reference.js";
import type { ChoiceReference } from "../route/route.reference.js";
import { swigluReference } from "../swiglu/swiglu.reference.js";

export interface ExpertsReferenceOptions {
  /** Of all experts, `[2 width, K]` and `[N, width]` each, one after the other. */
  readonly gateUp: Float64Array;
  readonly down: Float64Array;
  readonly width: number;
  readonly k: number;
  readonly n: number;
  readonly activation: Activation;
  /** `[T, N]`. */
  readonly residual?: Float32Array;
}

/** A mixture of experts in f64: for each token, the sum over its choices of `weight · down(activation(gate x) · up x)`. */
export function expertsReference(
  x: Float32Array,
  choices: readonly (readonly ChoiceReference[])[],
  { gateUp, down, width, k, n, activation, residual }: ExpertsReferenceOptions,
): Float64Array {
  const y = Float64Array.from({ length: choices.length * n }, (_, i) => residual?.[i] ?? 0);
  for (const [token, chosen] of choices.entries()) {
    for (const { expert, weight } of chosen) {
      const first = gateUp.subarray(expert * 2 * width * k, (expert + 1) * 2 * width * k);
      const both = Float32Array.from(matvecReference(first, x.subarray(token * k, (token + 1) * k)));
      const hidden = swigluReference(both.subarray(0, width), both.subarray(width), activation);
      const second = down.subarray(expert * n * width, (expert + 1) * n * width);
      const out = matvecReference(second, Float32Array.from(hidden));
      for (let i = 0; i < n; i++) y[token * n + i]! += weight * out[i]!;
    }
  }
  return y;
}
