import { CheckpointError } from "../errors.js";

/** Where GPTQ's columns go when they are sorted by group. */
export interface SortedColumns {
  /** `[K]`: the input that each sorted column belongs to. */
  readonly indices: Uint32Array;
  /** `[K]`: the sorted column of each input. */
  readonly places: Uint32Array;
}

/**
 * Sorts the inputs of a GPTQ matrix by group, so that groups run along the columns as in every other form.
 *
 * @param groupOfInput - `g_idx`, one a column.
 * @returns `undefined` where the columns are sorted already. Nothing but zeros counts as that: some tools write it where
 *   act-order is off.
 * @throws {@link CheckpointError} when a group does not exist, or has another number of columns than `group_size`.
 */
export function sortColumns(name: string, groupOfInput: Int32Array, groupSize: number): SortedColumns | undefined {
  const k = groupOfInput.length;
  const groups = Math.ceil(k / groupSize);
  const sizes = new Uint32Array(groups);
  let sorted = true;
  let zeros = true;
  for (let input = 0; input < k; input++) {
    const group = groupOfInput[input]!;
    if (group < 0 || group >= groups) {
      throw wrong(
        `${name}[${input}] is ${group}; ${k} columns in groups of ${groupSize} have groups 0 to ${groups - 1}`,
      );
    }
    sizes[group]!++;
    sorted &&= group === Math.floor(input / groupSize);
    zeros &&= group === 0;
  }
  if (sorted || zeros) return undefined;
  const next = new Uint32Array(groups);
  for (const [group, size] of sizes.entries()) {
    const expected = Math.min(groupSize, k - group * groupSize);
    if (size !== expected) throw wrong(`${name} puts ${size} columns in group ${group}; ${expected} were expected`);
    next[group] = group * groupSize;
  }
  const indices = new Uint32Array(k);
  const places = new Uint32Array(k);
  for (let input = 0; input < k; input++) {
    const place = next[groupOfInput[input]!]!++;
    places[input] = place;
    indices[place] = input;
  }
  return { indices, places };
}

function wrong(found: string): CheckpointError {
  return new CheckpointError(
    "checkpoint-quantization",
    `${found}. The file is damaged or of another config; fetch it again, or use another copy of the model.`,
  );
}
