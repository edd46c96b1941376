import { elementCount } from "../dispatch.js";
import type { Gpu } from "../gpu/device.js";
import { GpuValidationError } from "../gpu/errors.js";
import { boundOf, EXACT_BOUND } from "./hot-op.js";
import { randomWords } from "./random-words.js";
import type { Candidate, Filled, Trial } from "./trial.js";

/** Words of a random pattern, written over and over. Shares at most a factor 2 with a row's length, so rows differ; even, for pairs of words. */
const PATTERN = 65_522;

/** A trial on the GPU: the gate that a variant must pass before it may be timed. */
export class TrialRun {
  readonly #gpu: Gpu;
  readonly #trial: Trial;
  /** By step. */
  readonly #expected: Float32Array[][] = [];

  constructor(gpu: Gpu, trial: Trial) {
    this.#gpu = gpu;
    this.#trial = trial;
  }

  /** Allocates and fills the tensors, and runs the plain kernel. @throws what the device says of it. */
  async begin(): Promise<void> {
    const { buffers } = this.#gpu;
    buffers.allocate(...this.#trial.tensors.map(({ tensor }) => tensor));
    await buffers.settled();
    for (const [index, filled] of this.#trial.tensors.entries()) this.#fill(filled, index);
    for (const step of this.#steps) {
      this.#stand(step);
      this.#expected.push(await this.#outputsOf(this.#trial.reference));
    }
  }

  /** Why a variant may not be chosen; nothing when it does what the plain kernel does on this very device. */
  async gate(candidate: Candidate): Promise<string | undefined> {
    try {
      for (const [at, step] of this.#steps.entries()) {
        this.#stand(step);
        const found = await this.#outputsOf(candidate);
        const reason = found
          .map((values, index) => disagreement(values, this.#expected[at]![index]!, boundOf(candidate.variant)))
          .find((reason) => reason !== undefined);
        if (reason !== undefined) return step ? `${reason}, at position ${step[0]}` : reason;
      }
      return undefined;
    } catch (error) {
      return (error as Error).message;
    } finally {
      this.#stand(this.#steps.at(-1)); // where it is timed
    }
  }

  get #steps(): readonly (Uint32Array | undefined)[] {
    return this.#trial.steps?.words ?? [undefined];
  }

  #stand(step: Uint32Array | undefined): void {
    if (step) this.#gpu.buffers.write(this.#trial.steps!.tensor, step);
  }

  dispose(): void {
    this.#gpu.buffers.dispose(...this.#trial.tensors.map(({ tensor }) => tensor));
  }

  async #outputsOf({ dispatches }: Candidate): Promise<Float32Array[]> {
    const { device, executor, pipelines, buffers } = this.#gpu;
    await Promise.all(dispatches.map(({ kernel }) => pipelines.compile(kernel)));
    for (const [index, output] of this.#trial.outputs.entries()) this.#fill(output, -1 - index);
    for (const kind of ["validation", "internal", "out-of-memory"] as const) device.pushErrorScope(kind);
    // No await before the scopes are popped, so that no neighbour's error falls in.
    let thrown: unknown;
    try {
      executor.run(dispatches);
    } catch (error) {
      thrown = error;
    }
    const errors = await Promise.all([device.popErrorScope(), device.popErrorScope(), device.popErrorScope()]);
    if (thrown) throw thrown;
    const error = errors.find((one) => one !== null);
    if (error) throw new GpuValidationError(error.message);
    const read: Float32Array[] = [];
    for (const { tensor } of this.#trial.outputs) read.push((await buffers.read(tensor)) as Float32Array);
    return read;
  }

  #fill({ tensor, words, rowWords = 1 }: Filled, seed: number): void {
    const { buffers } = this.#gpu;
    if (words instanceof Uint32Array) {
      buffers.write(tensor, words);
      return;
    }
    const count = elementCount(tensor.shape);
    const random = randomWords(0x9e37_79b9 * (seed + 7));
    const period = PATTERN - (PATTERN % rowWords);
    const pattern = Uint32Array.from({ length: Math.min(period, count) }, (_, index) => words(index, random));
    for (let at = 0; at < count; at += period) buffers.write(tensor, pattern.subarray(0, count - at), 4 * at);
  }
}

function disagreement(values: Float32Array, expected: Float32Array, bound: number): string | undefined {
  let [error, power] = [0, 0];
  for (const [index, value] of values.entries()) {
    if (!Number.isFinite(value)) return `value ${index} is ${value}; the plain kernel's is ${expected[index]}`;
    error += (value - expected[index]!) ** 2;
    power += expected[index]! ** 2;
  }
  const nmse = error / Math.max(power, Number.MIN_VALUE);
  if (nmse <= bound) return undefined;
  return `disagrees with the plain kernel: normalised squared error ${nmse.toExponential(1)}, at most ${bound} is ${bound === EXACT_BOUND ? "exact" : "fast"}`;
}
