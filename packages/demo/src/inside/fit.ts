import type { Inspection, Quantize } from "@alambic/engine";
import type { NamedModel } from "../catalogue/models.js";

/** Tokens that a session holds by default, and bytes of a number that it keeps of them: what the engine's verdict counts with. */
const CONTEXT = 4096;
const KEPT_BYTES = 4;

/** Bytes of a parameter: at 8 and 4 bits each 64 share a scale and an offset of 16. */
const PER_PARAMETER: Readonly<Record<Quantize, number>> = { none: 2, int8: 8.5 / 8, int4: 4.5 / 8 };

/** From the most that is kept to the least. */
export const FORMS: readonly Quantize[] = ["none", "int8", "int4"];

/** What a model takes on a device. */
export interface Need {
  /** Weights alone, and with the keys and values of a conversation. */
  readonly weights: Readonly<Record<Quantize, number>>;
  readonly all: Readonly<Record<Quantize, number>>;
  /** The largest piece that has to lie in one binding. */
  readonly piece: Readonly<Record<Quantize, number>>;
}

export function needOf({ total, vocabulary, kept, expert = 0 }: NamedModel): Need {
  const each = (bytes: (form: Quantize) => number) =>
    Object.fromEntries(FORMS.map((form) => [form, bytes(form)])) as Record<Quantize, number>;
  const vocabularyForm = (form: Quantize) => PER_PARAMETER[form === "int4" ? "int8" : form];
  const weights = each(
    (form) => 1e9 * ((total - vocabulary) * PER_PARAMETER[form] + vocabulary * vocabularyForm(form)),
  );
  return {
    weights,
    all: each((form) => weights[form] + CONTEXT * KEPT_BYTES * kept),
    // Values and scales are bound apart.
    piece: each((form) => (expert * Math.floor(PER_PARAMETER[form] * 2)) / 2),
  };
}

/** Of a checkpoint whose headers were read: by what they say. */
export function needOfInspected({ bytes: { none, int8, int4 }, kvBytesPer1k, context }: Inspection): Need {
  const weights = { none, int8, int4 };
  const cache = (Math.min(CONTEXT, context) / 1024) * kvBytesPer1k.f32;
  return {
    weights,
    all: { none: none + cache, int8: int8 + cache, int4: int4 + cache },
    piece: { none: 0, int8: 0, int4: 0 },
  };
}

/** What is known of a device's memory. */
export interface Room {
  readonly bytes: number;
  /** Whether there may be more than that. */
  readonly atLeast: boolean;
  /** `maxStorageBufferBindingSize` of the adapter. */
  readonly binding: number;
}

export type Fit =
  | { readonly kind: "fits"; readonly form: Quantize }
  /** Even at 4 bits. */
  | { readonly kind: "memory" | "binding"; readonly need: number; readonly room: number }
  /** More than was looked for. */
  | { readonly kind: "unknown" };

/** The form that keeps the most and fits. */
export function fitOf({ all, piece }: Need, { bytes, atLeast, binding }: Room): Fit {
  const form = FORMS.find((each) => all[each] <= bytes && piece[each] <= binding);
  if (form) return { kind: "fits", form };
  if (piece.int4 > binding) return { kind: "binding", need: piece.int4, room: binding };
  return atLeast ? { kind: "unknown" } : { kind: "memory", need: all.int4, room: bytes };
}
