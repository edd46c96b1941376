import { type OpenGpuOptions, openGpu } from "@alambic/kernels";
import { isLoss } from "../runtime/living-model.js";
import { openModel } from "./inspect.js";
import { Model } from "./model.js";
import type { Comparison, Engine, ModelHandle } from "./types.js";

/** One device and its models, in this thread. `connectEngine` gives the same in a worker. */
export async function openEngine(options: OpenGpuOptions = {}): Promise<Engine> {
  const gpu = await openGpu(options); // or, once it was lost, `gpu.live()`
  return {
    adapter: gpu.adapter,
    load: (source, loadOptions = {}) => Model.load(source, { ...loadOptions, gpu }),
    inspect: (source, { verdict = false, ...rest } = {}) => Model.inspect(source, verdict ? { ...rest, gpu } : rest),
    // Code that most engines are never asked for comes with the first question.
    anatomy: async (...question) => (await import("./anatomy/tensors.js")).anatomy(...question),
    examine: async (source, name, { signal } = {}) => {
      const { examine } = await import("./anatomy/examine.js");
      return examine(await gpu.live(), await openModel(source, signal), name, signal);
    },
    compare: compareModels,
    gpuBytes: async () => (await gpu.live()).buffers.bytes,
    dispose: () => gpu.dispose(),
  };
}

/**
 * How far a student is from its teacher over one text, position by position: KL, likeliest tokens, losses.
 *
 * @param ids - Tokens of a vocabulary that both share.
 * @throws {@link ShapeError} when the vocabularies or the devices differ.
 */
export async function compareModels(
  teacher: ModelHandle,
  student: ModelHandle,
  ids: readonly number[],
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<Comparison> {
  if (!(teacher instanceof Model) || !(student instanceof Model)) {
    throw new TypeError(
      "compare needs two models of this thread's Model.load; for models in a worker use its engine's compare.",
    );
  }
  const { compare } = await import("../runtime/compare.js");
  const [first, second] = [await teacher.live(), await student.live()];
  try {
    return await compare(first, second, ids, signal);
  } catch (error) {
    if (!(await isLoss(error, first.gpu))) throw error;
    return compare(await teacher.live(), await student.live(), ids, signal);
  }
}
