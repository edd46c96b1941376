import { type Dispatch, type TensorRef, tensor } from "../dispatch.js";
import type { Gpu } from "../gpu/device.js";
import { GpuError } from "../gpu/errors.js";
import { PassTimer } from "../gpu/timing.js";
import { emptyDispatch } from "./empty-dispatch.js";
import { fillRamp } from "./fill-ramp.js";
import { fma, fmaOutcome, MAX_FMA_ROUNDS } from "./fma.js";
import { readBandwidth } from "./read-bandwidth.js";

/** What an adapter can do at most, measured: the denominators of every share. */
export interface Roofline {
  /** Bytes read from memory, in 1e9 a second. */
  readonly readGBs: number;
  /** f32 operations, in 1e9 a second; a multiply-add counts as two. */
  readonly gflops: number;
  /** One of a chain of 1,000 one-thread dispatches, each reading what the last wrote. */
  readonly dispatchMicroseconds: number;
  /** The GPU's own timestamps, or the time from submit to done, which holds encoding and the way there and back. */
  readonly clock: "timestamps" | "wall";
}

/** A probe's output was wrong, so its speed means nothing. */
export class ProbeError extends GpuError {
  constructor(message: string) {
    super("probe", message);
  }
}

const RUNS = 3; // the best counts: a roofline is what the adapter can do, not what it did while busy
const TARGET_MS = 25; // long against the clock's steps and the cost of a submit
const MEBIBYTE = 2 ** 20;

/**
 * Measures an adapter's read bandwidth, FMA rate and dispatch cost. Each probe is warmed up, sized to the adapter's
 * speed, run three times, and its output checked; the best run counts. Takes about a second on a software adapter, and
 * up to 512 MiB of GPU memory on a fast one, given back at the end. Nothing else should run on the device meanwhile.
 *
 * @throws {@link ProbeError} when a probe's output is wrong.
 */
export async function measureRoofline(gpu: Gpu): Promise<Roofline> {
  const bench = new Bench(gpu);
  try {
    const readGBs = await measureRead(bench);
    const gflops = await measureFma(bench);
    const dispatchMicroseconds = await measureDispatch(bench);
    return { readGBs, gflops, dispatchMicroseconds, clock: bench.clock };
  } finally {
    bench.dispose();
  }
}

async function measureRead(bench: Bench): Promise<number> {
  // A first look at 4 MiB says how much can be read in reasonable time: best more than any cache holds.
  const first = await readBlock(bench, 4 * MEBIBYTE);
  const rate = (4 * MEBIBYTE) / (await bench.best([first])); // bytes a millisecond
  const block = Math.min(powerOfTwo(bench.gpu.device.limits.maxStorageBufferBindingSize), 128 * MEBIBYTE);
  const size = Math.min(4 * block, powerOfTwo(Math.max(8 * MEBIBYTE, 4 * rate)));
  const blocks: Dispatch[] = [];
  for (let left = size; left > 0; left -= block) blocks.push(await readBlock(bench, Math.min(left, block)));
  const sweep = await bench.best(blocks);
  const sweeps = repeats(sweep);
  const milliseconds = sweeps === 1 ? sweep : await bench.best(Array.from({ length: sweeps }, () => blocks).flat());
  return (sweeps * size) / milliseconds / 1e6;
}

/** A block of memory filled with a ramp, and the dispatch that reads it, which was found to read all of it. */
async function readBlock(bench: Bench, bytes: number): Promise<Dispatch> {
  const words = bench.tensor("probe words", bytes / 4, "u32");
  const sums = bench.tensor("probe sums", bench.software ? 2 ** 12 : 2 ** 18, "u32");
  const read = readBandwidth({ words, sums });
  await bench.gpu.executor.execute([fillRamp(words), read]);
  const partial = (await bench.gpu.buffers.read(sums)) as Uint32Array;
  const found = partial.reduce((total, sum) => (total + sum) >>> 0, 0);
  const count = BigInt(bytes / 4);
  const expected = Number(BigInt.asUintN(32, (count * (count - 1n)) / 2n));
  if (found !== expected) throw wrong("read", `${bytes / MEBIBYTE} MiB summed to ${found}`, expected);
  return read;
}

async function measureFma(bench: Bench): Promise<number> {
  const y = bench.tensor("probe fma", bench.software ? 2 ** 14 : 2 ** 19);
  const timed = async (rounds: number) => {
    const dispatch = fma({ y, rounds });
    const milliseconds = await bench.best([dispatch]);
    const values = await bench.gpu.buffers.read(y);
    const found = values.find((value) => value !== fmaOutcome(rounds));
    if (found !== undefined) throw wrong("fma", `${rounds} rounds ended with ${found}`, fmaOutcome(rounds));
    return { rounds, milliseconds, rate: dispatch.cost.flops / milliseconds / 1e6 };
  };
  // Twice, since the first run is too short to tell how long a long one takes.
  let run = await timed(16);
  for (let i = 0; i < 2; i++) run = await timed(Math.min(MAX_FMA_ROUNDS, run.rounds * repeats(run.milliseconds)));
  return run.rate;
}

async function measureDispatch(bench: Bench): Promise<number> {
  const length = 1000;
  const value = bench.tensor("probe value", 1, "u32");
  const dispatch = emptyDispatch(value);
  const milliseconds = await bench.best(Array.from({ length }, () => dispatch));
  const [found] = await bench.gpu.buffers.read(value);
  const expected = length * (RUNS + 1);
  if (found !== expected) throw wrong("dispatch", `the chain counted ${found}`, expected);
  return (1000 * milliseconds) / length;
}

function wrong(probe: string, found: string, expected: number): ProbeError {
  return new ProbeError(
    `The ${probe} probe is wrong on this adapter: ${found}, not ${expected}. No speed is given; update the GPU's driver or choose another adapter.`,
  );
}

/** How often to repeat what takes so long, to measure for about TARGET_MS. */
function repeats(milliseconds: number): number {
  return Math.max(1, Math.min(1000, Math.round(TARGET_MS / milliseconds)));
}

function powerOfTwo(value: number): number {
  return 2 ** Math.floor(Math.log2(value));
}

/** Buffers and a clock, for the length of one measurement. */
class Bench {
  readonly gpu: Gpu;
  readonly #timer: PassTimer | undefined;
  readonly #tensors: TensorRef[] = [];
  #clock: Roofline["clock"];

  constructor(gpu: Gpu) {
    this.gpu = gpu;
    this.#timer = PassTimer.open(gpu.device);
    this.#clock = this.#timer ? "timestamps" : "wall";
  }

  /** Software adapters pay for every lane: they get fewer. */
  get software(): boolean {
    return this.gpu.adapter.kind === "software";
  }

  /** Timestamps only if every measurement could use them. */
  get clock(): Roofline["clock"] {
    return this.#clock;
  }

  tensor(label: string, length: number, dtype: "f32" | "u32" = "f32"): TensorRef {
    const made = tensor(label, [length], dtype);
    this.gpu.buffers.allocate(made);
    this.#tensors.push(made);
    return made;
  }

  /** Milliseconds of the best of three runs, after one to warm up. */
  async best(dispatches: readonly Dispatch[]): Promise<number> {
    await this.gpu.executor.prepare(dispatches);
    await this.#time(dispatches);
    let best = Infinity;
    for (let run = 0; run < RUNS; run++) best = Math.min(best, await this.#time(dispatches));
    return best;
  }

  async #time(dispatches: readonly Dispatch[]): Promise<number> {
    const { device, executor } = this.gpu;
    await device.queue.onSubmittedWorkDone();
    const start = performance.now();
    const elapsed = executor.run(dispatches, [], this.#timer);
    await device.queue.onSubmittedWorkDone();
    const wall = performance.now() - start;
    const stamped = await elapsed?.();
    // Some drivers' timestamps are zero or nonsense: the GPU cannot have worked for longer than we waited.
    if (stamped !== undefined && stamped > 0 && stamped <= wall) return stamped;
    this.#clock = "wall";
    return wall;
  }

  dispose(): void {
    this.gpu.buffers.dispose(...this.#tensors);
    this.#timer?.dispose();
  }
}
