import { DeviceLostError, type Gpu, GpuError } from "@alambic/kernels";
import { EngineError } from "../errors.js";
import type { LoadedModel } from "./loaded-model.js";

/**
 * A model wherever it is now: on the device it was loaded to or, once that was lost, on the one in its place. Whoever keeps
 * something on the device follows it there.
 */
export class LivingModel {
  readonly #reload: (gpu: Gpu) => Promise<LoadedModel>;
  #current: LoadedModel;
  #coming: Promise<LoadedModel> | undefined;
  #disposed = false;

  /** @param reload - Loads the same model once more, from where it came from or a cache of it. */
  constructor(loaded: LoadedModel, reload: (gpu: Gpu) => Promise<LoadedModel>) {
    this.#current = loaded;
    this.#reload = reload;
  }

  /** Where it was last: its device may be lost. */
  get current(): LoadedModel {
    return this.#current;
  }

  get isLost(): boolean {
    return this.#current.gpu.isLost;
  }

  /**
   * The model on a device that is there; brought back first where it was lost, once for all who ask.
   *
   * @throws {@link DeviceLostError} when the app brought the device, or another was lost meanwhile; whatever loading throws.
   */
  live(): Promise<LoadedModel> {
    if (!this.isLost) return Promise.resolve(this.#current);
    this.#coming ??= this.#bringBack().finally(() => {
      this.#coming = undefined;
    });
    return this.#coming;
  }

  dispose(): void {
    this.#disposed = true;
    this.#current.dispose();
  }

  async #bringBack(): Promise<LoadedModel> {
    const lost = this.#current;
    const gpu = await lost.gpu.live();
    let loaded: LoadedModel | undefined;
    try {
      loaded = await this.#reload(gpu);
      await loaded.adapters.follow(lost.adapters);
      if (this.#disposed)
        throw new EngineError("disposed", "The model was disposed of while its weights were brought back.");
    } catch (error) {
      loaded?.dispose();
      throw (await isLoss(error, gpu)) ? lostAgain() : error;
    }
    lost.dispose();
    this.#current = loaded;
    return loaded;
  }
}

export function lostAgain(): DeviceLostError {
  return new DeviceLostError(
    "The GPU device was lost, and the one that took its place was lost too before it had given a token. Something here may be too much for it: load with a smaller contextLength or quantize: 'int4', close other programs that use the GPU, or update its driver.",
  );
}

const TELLING_MS = 1000;

/** Whether an error came of a lost device. A device may tell of its loss a little after its work has failed. */
export async function isLoss(error: unknown, gpu: Gpu): Promise<boolean> {
  if (gpu.isLost || !(error instanceof GpuError)) return gpu.isLost;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, error instanceof DeviceLostError ? TELLING_MS : 0);
  });
  await Promise.race([gpu.lost, late]);
  clearTimeout(timer);
  return gpu.isLost;
}
