import { type EnergyMethod, type Footprint, type HostedModel, middle } from "./method.js";

/** Energy overhead of the building: cooling, losses. */
const PUE = 1.2;
const BITS = 4;
/** Weights and what it takes to run them. */
const MEMORY_OVERHEAD = 1.2;
const GPU_GIGABYTES = 80;
const GPUS_PER_SERVER = 8;
const SERVER_KILOWATTS = 1;
/** The mix that comparisons of models have used, in grams per kWh. */
const GRAMS_PER_KWH = 590.478;
/** Kilograms of CO2 equivalent for making a server and a GPU, spread over their life. */
const EMBODIED = { server: 3000, gpu: 143, seconds: 5 * 365 * 86_400 };
const Z95 = 1.96;

/** EcoLogits 0.8: a linear fit to measured answers, of energy a token and of time a token. The method that compar:IA's cards used. */
export const ecologits08: EnergyMethod = {
  name: "EcoLogits 0.8",
  source: "https://ecologits.ai/0.8/methodology/llm_inference/",

  estimate({ active, total }: HostedModel, outputTokens: number): Footprint {
    const gpus = Math.ceil((MEMORY_OVERHEAD * total * BITS) / 8 / GPU_GIGABYTES);
    const at = (z: number) => {
      const gpuKilowattHours = outputTokens * (8.91e-8 * active + 1.43e-6 + z * 5.19e-7);
      const seconds = outputTokens * (8.02e-4 * active + 2.23e-2 + z * 7e-6);
      const server = (seconds / 3600) * SERVER_KILOWATTS * (gpus / GPUS_PER_SERVER);
      return { seconds, kilowattHours: PUE * (server + gpus * gpuKilowattHours) };
    };
    const [low, high] = [at(-Z95), at(Z95)];
    const range = [1000 * low.kilowattHours, 1000 * high.kilowattHours] as const;
    const seconds = middle([low.seconds, high.seconds]);
    const made = (gpus / GPUS_PER_SERVER) * EMBODIED.server + gpus * EMBODIED.gpu;
    const wattHours = middle(range);
    const gramsCO2 = (wattHours / 1000) * GRAMS_PER_KWH + 1000 * (seconds / EMBODIED.seconds) * made;
    return { wattHours, range, gramsCO2, seconds, gpus };
  },
};
