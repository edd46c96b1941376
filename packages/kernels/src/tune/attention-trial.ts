import { type TensorRef, tensor } from "../dispatch.js";
import type { AdapterReport } from "../gpu/device.js";
import { kvRowWords } from "../kv-form.js";
import { attentionPartials } from "../ops/attention/attention-decode.js";
import { type HotAttention, PLAIN, planVariant, problemKey, TRIAL_CONTEXT, variantsOf } from "./hot-op.js";
import { cacheWord, floatWord } from "./random-words.js";
import type { Filled, Trial } from "./trial.js";

/** Keys and values that together are larger than this are tried at a shorter context. */
const LARGEST_CACHE = 64 * 2 ** 20;

/**
 * The trial of attention: random queries, and a cache of random keys and values in the model's own form, full to its last
 * place, and past the context where it is not. The gate looks at several contexts.
 */
export function attentionTrial(problem: HotAttention, adapter: AdapterReport["kind"]): Trial {
  const { q, keys, values, y, kv = "f32" } = problem.inputs;
  const [, heads = 0, headDim = 0] = q.shape;
  const [kvHeads = 0] = keys.shape;
  const rowWords = kvRowWords(kv, headDim);
  const capacity = Math.min(TRIAL_CONTEXT, Math.floor(LARGEST_CACHE / (8 * kvHeads * rowWords)));

  const tensors: Filled[] = [];
  const add = (filled: Filled): TensorRef => {
    tensors.push(filled);
    return filled.tensor;
  };
  const floats = (label: string, shape: readonly number[]) =>
    add({ tensor: tensor(`trial ${label}`, shape), words: (_, random) => floatWord(random) });
  const cache = (label: string, { dtype }: TensorRef) =>
    add({
      tensor: tensor(`trial ${label}`, [kvHeads, capacity, rowWords], dtype),
      words: (index, random) => cacheWord(kv, index % rowWords, random),
      rowWords,
    });
  const steps = stepsOf(problem, capacity);
  const step = tensor("trial step", [2], "u32");
  const inputs = {
    ...problem.inputs,
    step: add({ tensor: step, words: steps[0]! }),
    q: floats("q", q.shape),
    keys: cache("keys", keys),
    values: cache("values", values),
    y: floats("y", y.shape),
    partials: floats("partials", attentionPartials({ heads, headDim, capacity })),
  };
  const copy = { op: problem.op, inputs } as HotAttention;
  const variants = variantsOf(copy, adapter);
  // A lane that walks over a whole context takes a GPU so long that timing it would take the time of the others.
  const worthTiming = variants.filter((variant) => variant !== PLAIN || variant === variants[0]);
  return {
    key: problemKey(problem),
    reference: { variant: PLAIN, dispatches: planVariant(copy, PLAIN) },
    candidates: worthTiming.map((variant) => ({ variant, dispatches: planVariant(copy, variant) })),
    tensors,
    outputs: [tensors.find(({ tensor }) => tensor === inputs.y)!],
    steps: { tensor: step, words: steps },
  };
}

/**
 * For a token: the first of all, the first of a split, the last of the cache. For a pass that is not full: the first of a
 * prompt, and one after a context of half the cache.
 */
function stepsOf({ op, inputs }: HotAttention, capacity: number): Uint32Array[] {
  if (op === "attentionDecode") {
    return [0, Math.min(256, capacity - 1), capacity - 1].map((position) => Uint32Array.of(position, 1));
  }
  const count = Math.min(Math.max(1, inputs.q.shape[0]! - 3), capacity);
  return [0, Math.min(capacity >> 1, capacity - count)].map((position) => Uint32Array.of(position, count));
}
