/**
 * Milliseconds of a load by phase; they add up to the whole. `headers` includes the tokenizer and opening the device.
 * Where kernels compile beside the weights, `compile` is what was left to wait for after them.
 */
export type LoadPhases = Readonly<Record<LoadPhase, number>>;

export type LoadPhase = "headers" | "tune" | "weights" | "compile";

/** Tells how long a load was in which phase. */
export class PhaseClock {
  readonly #ms: Record<LoadPhase, number> = { headers: 0, tune: 0, weights: 0, compile: 0 };
  #phase: LoadPhase = "headers";
  #since = performance.now();

  enter(phase: LoadPhase): void {
    const now = performance.now();
    this.#ms[this.#phase] += now - this.#since;
    this.#phase = phase;
    this.#since = now;
  }

  end(): LoadPhases {
    this.enter(this.#phase);
    return { ...this.#ms };
  }
}
