import { CheckError } from "../core/reason.js";
import type { PeerRow } from "../core/report.js";
import { summarise } from "../core/statistics.js";
import { nameOf } from "../core/workload.js";
import type { PeerTask } from "./peer.js";

/** A line that a peer writes: what it found itself on, its answer to the reference prompt, then its runs. */
export type PeerLine =
  | { readonly type: "about"; readonly runsOn: string }
  | { readonly type: "answer"; readonly ids: readonly number[] }
  | { readonly type: "run"; readonly test: string; readonly seconds: number; readonly ids: readonly number[] };

/** Of the ids compared, how many from the beginning must be ours: below it, the peer runs another model. */
const LEAST_AGREEMENT = 0.5;

/**
 * A peer's rows from the lines of its process; each workload's first run is its warm-up.
 *
 * @param onItsWeights - The greedy ids that transformers gives in f32 on the weights as this peer has them, where converting
 *   them had to change them: an answer as good as ours.
 * @throws {@link CheckError} when its ids are not ours from the beginning, or differ from run to run.
 */
export function rowsOf(
  lines: readonly PeerLine[],
  { reference, workloads, model, parameters }: Pick<PeerTask, "reference" | "workloads" | "model" | "parameters">,
  about: Pick<PeerRow, "peer" | "version" | "runtime" | "runsOn" | "settings">,
  onItsWeights: readonly number[] = [],
): PeerRow[] {
  const runsOn = lines.find((line) => line.type === "about")?.runsOn ?? about.runsOn;
  const answer = lines.find((line) => line.type === "answer")?.ids ?? [];
  const same = agreeing(reference.ids, answer);
  const sameOnItsWeights = agreeing(onItsWeights, answer);
  if (Math.max(same, sameOnItsWeights) < LEAST_AGREEMENT * reference.ids.length) {
    throw new CheckError({ code: "reference", expected: reference.ids, found: answer });
  }
  const changed = sameOnItsWeights > same;
  const checked = `; ${sameOnItsWeights} of ${onItsWeights.length} ids as transformers on these changed weights`;
  const settings = changed ? about.settings + checked : about.settings;
  return workloads.flatMap((workload) => {
    const test = nameOf(workload);
    const [warmUp, ...runs] = lines.filter((line) => line.type === "run" && line.test === test) as Run[];
    if (!warmUp || runs.length === 0) return [];
    checkRuns(test, warmUp.ids, runs);
    const tokensPerSecond = summarise(runs.map(({ seconds }) => workload.tokens / seconds));
    const agreement = { same, of: reference.ids.length };
    return [{ ...workload, ...about, settings, runsOn, model, parameters, tokensPerSecond, agreement }];
  });
}

/** Ids that are the same, from the first on. */
function agreeing(expected: readonly number[], found: readonly number[]): number {
  const differs = expected.findIndex((id, index) => id !== found[index]);
  return differs < 0 ? expected.length : differs;
}

type Run = PeerLine & { readonly type: "run" };

function checkRuns(test: string, first: readonly number[], runs: readonly Run[]): void {
  for (const [index, { ids }] of runs.entries()) {
    const place = ids.findIndex((id, at) => id !== first[at]);
    if (place < 0) continue;
    const [expected, found] = [first[place], ids[place]];
    throw new CheckError({
      code: "runs",
      test,
      run: index + 1,
      place,
      ...(expected !== undefined && { expected }),
      ...(found !== undefined && { found }),
    });
  }
}

/** @throws Error for a line that is none of them. */
export function readPeerLine(text: string): PeerLine {
  const line = JSON.parse(text) as PeerLine;
  const numbers = (list: unknown) => Array.isArray(list) && list.every(Number.isSafeInteger);
  const known =
    (line.type === "about" && typeof line.runsOn === "string") ||
    (line.type === "answer" && numbers(line.ids)) ||
    (line.type === "run" && typeof line.test === "string" && line.seconds > 0 && numbers(line.ids));
  if (!known) throw new Error(`a peer's process wrote a line that means nothing: ${text}`);
  return line;
}
