import type { EnergyMethod, Footprint, HostedModel } from "./method.js";

const PUE = 1.2;
const BITS = 16;
const MEMORY_OVERHEAD = 1.2;
const GPU_GIGABYTES = 80;
const GPUS_PER_SERVER = 8;
const SERVER_KILOWATTS = 1.2;
/** Answers that a server writes at once and that share its cost. */
const BATCH = 64;
/** Kilograms of CO2 equivalent for making a server and a GPU, spread over their life. */
const EMBODIED = { server: 5700, gpu: 164, seconds: 3 * 365 * 86_400 };

/** Grams of CO2 equivalent for a kWh of electricity. */
export const MIXES = { world: 473.01, france: 44.18 } as const;
export type Mix = keyof typeof MIXES;

/** EcoLogits 0.9.1: as 0.8, of servers that answer many people at once. */
export function ecologits09(mix: Mix): EnergyMethod {
  return {
    name: "EcoLogits 0.9.1",
    source: "https://ecologits.ai/0.9/methodology/llm_inference/",

    estimate({ active, total }: HostedModel, outputTokens: number): Footprint {
      const gpus = 2 ** Math.ceil(Math.log2(Math.ceil((MEMORY_OVERHEAD * total * BITS) / 8 / GPU_GIGABYTES)));
      const gpuWattHours = outputTokens * (1.1665273e-6 * Math.exp(-0.0112059 * BATCH) * active + 4.0529281e-5);
      const seconds = outputTokens * (6.785088e-4 * active + 3.11931e-4 * BATCH + 1.947372e-2);
      const share = gpus / GPUS_PER_SERVER / BATCH;
      const wattHours = PUE * ((seconds / 3600) * 1000 * SERVER_KILOWATTS * share + gpus * gpuWattHours);
      const made = ((gpus / GPUS_PER_SERVER) * EMBODIED.server + gpus * EMBODIED.gpu) / BATCH;
      const gramsCO2 = (wattHours / 1000) * MIXES[mix] + 1000 * (seconds / EMBODIED.seconds) * made;
      return { wattHours, range: [wattHours, wattHours], gramsCO2, seconds, gpus };
    },
  };
}
