import { GpuError } from "../../gpu/errors.js";

export interface SampleSettings {
  /** Divides the logits. 0 (the default) takes the greatest logit, whatever the rest says. */
  readonly temperature?: number;
  /** Keep the k greatest logits, and those equal to the last of them; 0 (the default) keeps all. */
  readonly topK?: number;
  /** Keep the most probable tokens that together reach this probability, at least one; 1 (the default) keeps all. */
  readonly topP?: number;
  /** Keep tokens at least this fraction as probable as the most probable one; 0 (the default) keeps all. */
  readonly minP?: number;
  /** A whole number; its low 32 bits count. The same seed gives the same text. Default 0. */
  readonly seed?: number;
}

/** A sampling setting out of its range. */
export class SampleSettingsError extends GpuError {
  constructor(message: string) {
    super("sample-settings", message);
  }
}

/** Words of a settings tensor. */
export const SETTINGS_WORDS = 8;

/**
 * The settings as the `sample` kernel reads them: `[temperature, topK, topP, minP, seed, 0, 0, 0]`, fractions as f32 bits.
 *
 * @throws {@link SampleSettingsError} when a value is out of range.
 */
export function sampleSettings(settings: SampleSettings = {}): Uint32Array {
  const { temperature = 0, topK = 0, topP = 1, minP = 0, seed = 0 } = settings;
  check(
    "temperature",
    temperature,
    temperature >= 0 && temperature < Infinity,
    "a number from 0 (greedy) up; 0.7 is usual",
  );
  check("topK", topK, Number.isSafeInteger(topK) && topK >= 0, "a whole number from 0 (off) up");
  check("topP", topP, topP >= 0 && topP <= 1, "a number from 0 to 1 (off)");
  check("minP", minP, minP >= 0 && minP <= 1, "a number from 0 (off) to 1");
  check("seed", seed, Number.isSafeInteger(seed), "a whole number");
  const words = new Uint32Array(SETTINGS_WORDS);
  new Float32Array(words.buffer).set([temperature, 0, topP, minP]);
  words[1] = Math.min(topK, 0xffff_ffff);
  words[4] = seed; // modulo 2^32
  return words;
}

function check(name: string, value: unknown, valid: boolean, expected: string): void {
  if (!valid) throw new SampleSettingsError(`${name} is ${value}; it must be ${expected}.`);
}
