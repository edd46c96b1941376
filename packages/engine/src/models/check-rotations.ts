import { RopeConfigError, ropeFrequencies } from "@alambic/kernels";
import { ConfigError } from "../errors.js";
import type { Graph } from "../graph/graph.js";

/**
 * Makes the frequencies of each rotation once, short and long, so that a config that cannot be is refused before a weight
 * is read.
 *
 * @throws {@link ConfigError} naming the key.
 */
export function checkRotations({ nodes }: Graph, context: number): void {
  const seen = new Set<string>();
  for (const { operation, features } of nodes) {
    if (operation.op !== "rope") continue;
    const { theta, scaling, rotaryDim = features.at(-1)! } = operation.rope;
    const key = JSON.stringify([theta, scaling, rotaryDim]);
    if (seen.has(key)) continue;
    seen.add(key);
    for (const positions of [1, context]) {
      try {
        ropeFrequencies({ rotaryDim, theta, positions, ...(scaling && { scaling }) });
      } catch (cause) {
        if (!(cause instanceof RopeConfigError)) throw cause;
        throw new ConfigError(`config.json: ${cause.message}`, { cause });
      }
    }
  }
}
