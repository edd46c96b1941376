import type { Workload } from "../core/workload.js";
import type { PeerLine } from "./rows.js";

/** A workload with the tokens that it reads. */
export interface PeerTest extends Workload {
  readonly name: string;
  readonly prompt: readonly number[];
}

/** What a peer is asked for, wherever it runs: as JSON it crosses to another process or into a page. */
export interface PeerRequest {
  readonly reference: { readonly prompt: readonly number[]; readonly count: number };
  readonly tests: readonly PeerTest[];
  readonly repetitions: number;
  readonly budgetSeconds: number;
}

/** Keys and values of what was read and written so far. */
export interface PeerContext {
  /** Reads `ids`, then writes `count` tokens greedily, the end-of-text token among them; gives each as soon as its id is known here. */
  generate(ids: readonly number[], count: number, onId: (id: number) => void): Promise<void>;
  dispose(): void | Promise<void>;
}

/** Another engine with its model loaded. */
export interface PeerEngine {
  /** A context of its own that has read `held`, which is not timed. */
  open(held: readonly number[]): Promise<PeerContext>;
}

/**
 * Runs the reference prompt, then each test `repetitions` times after a warm-up. The clock sees what it sees of ours: of
 * `pp` the call until its first token is on the host, of `tg` from that one to the last.
 *
 * @param tell - Hears each line as soon as there is one.
 */
export async function runTests(
  engine: PeerEngine,
  request: PeerRequest,
  tell: (line: PeerLine) => void | Promise<void>,
) {
  const { reference, tests, repetitions, budgetSeconds } = request;
  await tell({ type: "answer", ids: (await written(engine, [], reference.prompt, reference.count)).ids });
  const start = performance.now();
  const spent = () => performance.now() - start > 1000 * budgetSeconds;
  for (const test of tests) {
    const held = test.kind === "pp" ? test.depth : 0;
    const count = test.kind === "pp" ? 1 : test.tokens + 1; // the first written token belongs to its prompt
    for (let run = 0; run <= repetitions; run++) {
      if (spent() && (run === 0 || run > 2)) break; // a test that began has two runs at least
      const { ids, read, total } = await written(engine, test.prompt.slice(0, held), test.prompt.slice(held), count);
      const seconds = (test.kind === "pp" ? read : total - read) / 1000;
      await tell({ type: "run", test: test.name, seconds, ids });
    }
  }
}

/** The ids written, the milliseconds until the first of them, and until the last. */
async function written(engine: PeerEngine, held: readonly number[], prompt: readonly number[], count: number) {
  const context = await engine.open(held);
  try {
    const ids: number[] = [];
    let [read, total] = [0, 0];
    const began = performance.now();
    await context.generate(prompt, count, (id) => {
      total = performance.now() - began;
      if (ids.length === 0) read = total;
      ids.push(id);
    });
    if (ids.length !== count) throw new Error(`${ids.length} tokens came, where ${count} were asked for`);
    return { ids, read, total };
  } finally {
    await context.dispose();
  }
}
