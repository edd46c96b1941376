import type { Footprint } from "./method.js";

const LED_WATTS = 5;
/** Grams of CO2 equivalent of an hour of video on demand. */
const GRAMS_PER_VIDEO_HOUR = 31.7;

/** Everyday equivalents as the cards show them, in whole minutes: what is begun does not count. */
export function equivalents({ wattHours, gramsCO2 }: Footprint): { ledMinutes: number; videoMinutes: number } {
  return {
    ledMinutes: Math.floor((60 * wattHours) / LED_WATTS),
    videoMinutes: Math.floor((60 * gramsCO2) / GRAMS_PER_VIDEO_HOUR),
  };
}
